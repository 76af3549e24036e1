import type { Stack } from "../../stack.ts";

const slide = (color: string, name: string, active = "") =>
	`<div class="carousel-item ${active}"><div class="p-4 bg-${color} text-white">${name}</div></div>`;

export const stack: Stack = {
	title: "Bootstrap 5",
	body: `
<nav class="navbar navbar-expand bg-primary sticky-top" data-bs-theme="dark"><div class="container-fluid"><a class="navbar-brand">Boat</a>
	<ul class="navbar-nav"><li class="nav-item dropdown"><a class="nav-link dropdown-toggle" id="drop" role="button" data-bs-toggle="dropdown">Menu</a>
	<ul class="dropdown-menu"><li><a class="dropdown-item">Sail</a></li><li><a class="dropdown-item active">Row</a></li></ul></li></ul></div></nav>
<div class="container py-4 d-grid gap-3">
	<form id="form" class="row g-3 needs-validation" novalidate><div class="col"><input id="name" class="form-control" placeholder="Name" required></div>
		<div class="col"><select class="form-select" required><option value="">Choose</option><option>Kiel</option></select></div>
		<div class="col"><div class="form-check form-switch"><input class="form-check-input" type="checkbox" id="switch"><label class="form-check-label" for="switch">Switch</label></div></div>
		<div class="col"><button id="send" class="btn btn-success">Send</button></div></form>
	<div class="d-flex gap-2"><button id="popover" class="btn btn-secondary" data-bs-title="Popover" data-bs-content="With content" data-bs-placement="bottom">Popover</button>
		<button id="tooltip" class="btn btn-outline-danger" data-bs-title="A tooltip">Tooltip</button><button id="toast-button" class="btn btn-info">Toast</button>
		<button id="modal-button" class="btn btn-warning">Modal</button><button id="side-button" class="btn btn-dark">Side</button><button id="theme" class="btn btn-light">Theme</button></div>
	<div class="progress"><div class="progress-bar progress-bar-striped" style="width: 60%">60%</div></div>
	<div class="accordion" id="acc"><div class="accordion-item"><h2 class="accordion-header"><button class="accordion-button collapsed" id="acc-button" data-bs-toggle="collapse" data-bs-target="#acc-body">Accordion</button></h2>
		<div id="acc-body" class="accordion-collapse collapse"><div class="accordion-body">Its body</div></div></div></div>
	<div id="carousel" class="carousel slide"><div class="carousel-inner">${slide("success", "First", "active")}${slide("danger", "Second")}</div></div>
	<button id="next" class="btn btn-link" data-bs-target="#carousel" data-bs-slide="next">Next</button>
	<ul class="nav nav-tabs"><li class="nav-item"><button class="nav-link active" data-bs-toggle="tab" data-bs-target="#t1">One</button></li><li class="nav-item"><button class="nav-link" id="tab" data-bs-toggle="tab" data-bs-target="#t2">Two</button></li></ul>
	<div class="tab-content"><div class="tab-pane fade show active" id="t1">First tab</div><div class="tab-pane fade" id="t2">Second tab</div></div>
</div>
<div class="toast-container position-fixed bottom-0 end-0 p-3"><div id="toast" class="toast"><div class="toast-header">Boat</div><div class="toast-body">A toast</div></div></div>
<div id="modal" class="modal fade" tabindex="-1"><div class="modal-dialog"><div class="modal-content"><div class="modal-header"><h5>Modal</h5><button class="btn-close" data-bs-dismiss="modal"></button></div><div class="modal-body"><input id="in-modal" class="form-control"></div></div></div></div>
<div id="side" class="offcanvas offcanvas-start" tabindex="-1"><div class="offcanvas-header"><h5>Side</h5><button class="btn-close" data-bs-dismiss="offcanvas"></button></div><div class="offcanvas-body">Offcanvas</div></div>`,
	steps: [
		async (page) => {
			await page.click("#send");
			await page.fill("#name", "Ahoy");
			await page.click("#switch");
			await page.click("#acc-button");
			await page.click("#next");
			await page.click("#tab");
			await page.click("#toast-button");
			await page.click("#popover");
			await page.waitForTimeout(500);
			await page.click("#drop");
		},
		async (page) => {
			await page.keyboard.press("Escape");
			await page.click("#theme");
			await page.click("#modal-button");
			await page.waitForTimeout(600);
			await page.fill("#in-modal", "In the modal");
		},
	],
};
