import "bootstrap/dist/css/bootstrap.css";
import { Modal, Offcanvas, Popover, Toast, Tooltip } from "bootstrap";

const get = (id: string) => document.getElementById(id)!;
new Popover(get("popover"));
new Tooltip(get("tooltip"), { trigger: "focus" });
get("toast-button").addEventListener("click", () =>
	Toast.getOrCreateInstance(get("toast"), { autohide: false }).show(),
);
get("modal-button").addEventListener("click", () => Modal.getOrCreateInstance(get("modal")).show());
get("side-button").addEventListener("click", () => Offcanvas.getOrCreateInstance(get("side")).show());
get("form").addEventListener("submit", (event) => {
	event.preventDefault();
	get("form").classList.add("was-validated");
});
get("theme").addEventListener("click", () => {
	document.documentElement.dataset.bsTheme = "dark";
});
