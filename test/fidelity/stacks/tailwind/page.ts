import "./tailwind.css";

/** Changes the attributes on which the Tailwind variants in the page depend. */
document.addEventListener("click", (event) => {
	const { toggle } = (event.target as HTMLElement).dataset;
	if (toggle === "panel") {
		const panel = document.getElementById("panel")!;
		panel.dataset.state = panel.dataset.state === "open" ? "closed" : "open";
		panel.setAttribute("aria-expanded", String(panel.dataset.state === "open"));
	}
	if (toggle === "theme") document.documentElement.dataset.theme = "dark";
	if (toggle === "dialog") document.querySelector("dialog")!.showModal();
});
