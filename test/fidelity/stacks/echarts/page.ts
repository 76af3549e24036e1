import * as echarts from "echarts";

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const chart = echarts.init(document.getElementById("chart"), null, { renderer: "svg" });
const option = (factor: number) => ({
	title: { text: `Visits × ${factor}` },
	legend: {},
	xAxis: { data: DAYS },
	yAxis: {},
	dataZoom: [{ type: "slider" }],
	series: [
		{ name: "Bars", type: "bar", data: DAYS.map((_, i) => ((i * 37) % 50) * factor) },
		{ name: "Line", type: "line", smooth: true, areaStyle: {}, data: DAYS.map((_, i) => ((i * 23) % 60) + factor) },
	],
});
chart.setOption(option(1));
const pie = echarts.init(document.getElementById("pie"), null, { renderer: "svg" });
pie.setOption({
	series: [{ type: "pie", radius: ["30%", "70%"], data: DAYS.map((name, i) => ({ name, value: i + 3 })) }],
});
document.getElementById("change")!.addEventListener("click", () => {
	chart.setOption(option(3));
	pie.dispatchAction({ type: "highlight", dataIndex: 2 });
});
document.getElementById("zoom")!.addEventListener("click", () => {
	chart.dispatchAction({ type: "dataZoom", start: 30, end: 80 });
	chart.dispatchAction({ type: "legendToggleSelect", name: "Bars" });
	chart.dispatchAction({ type: "showTip", seriesIndex: 1, dataIndex: 3 });
});
