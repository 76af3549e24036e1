import "leaflet/dist/leaflet.css";
import { circle, divIcon, type LatLngTuple, map, marker, polygon, tileLayer } from "leaflet";

const CENTER: LatLngTuple = [46.07, 11.12];
const view = map("map", { zoomSnap: 1 }).setView(CENTER, 11);
tileLayer("tile-{z}-{x}-{y}.svg", { attribution: "Tiles: none" }).addTo(view);
marker(CENTER, { icon: divIcon({ html: "▲", className: "pin", iconSize: [40, 40] }) })
	.addTo(view)
	.bindPopup("<b>Trento</b><br>A popup");
circle([46.1, 11.2], { radius: 4_000, color: "crimson" }).addTo(view);
polygon([
	[46.0, 11.0],
	[46.05, 11.05],
	[46.0, 11.1],
]).addTo(view);
