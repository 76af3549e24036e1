import { AllCommunityModule, createGrid, ModuleRegistry } from "ag-grid-community";

ModuleRegistry.registerModules([AllCommunityModule]);
const rowData = Array.from({ length: 2_000 }, (_, i) => ({
	id: i,
	name: `Item ${(i * 7919) % 2_000}`,
	price: ((i * 31) % 97) + 0.5,
	stock: (i * 17) % 60,
	isSold: i % 3 === 0,
}));
createGrid(document.getElementById("grid")!, {
	rowData,
	columnDefs: [
		{ field: "id", pinned: "left", width: 90 },
		{ field: "name", filter: true, editable: true },
		{ field: "price", cellStyle: ({ value }) => (value > 50 ? { color: "crimson" } : null) },
		{ field: "stock", cellClassRules: { low: "x < 10" } },
		{ field: "isSold" },
		...Array.from({ length: 8 }, (_, i) => ({ headerName: `Column ${i}`, valueGetter: () => i * 11 })),
	],
	rowSelection: { mode: "multiRow" },
	pagination: true,
	paginationPageSize: 100,
});
