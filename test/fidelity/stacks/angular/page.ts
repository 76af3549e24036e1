import "@angular/compiler";
import "../../node_modules/@angular/material/prebuilt-themes/azure-blue.css";
import { Component, provideZonelessChangeDetection, signal } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatCheckboxModule } from "@angular/material/checkbox";
import { MatDialog, MatDialogModule } from "@angular/material/dialog";
import { MatExpansionModule } from "@angular/material/expansion";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import { MatMenuModule } from "@angular/material/menu";
import { MatSelectModule } from "@angular/material/select";
import { MatSlideToggleModule } from "@angular/material/slide-toggle";
import { MatTabsModule } from "@angular/material/tabs";
import { MatToolbarModule } from "@angular/material/toolbar";
import { bootstrapApplication } from "@angular/platform-browser";

@Component({
	selector: "app-question",
	imports: [MatButtonModule, MatDialogModule],
	template: `<h2 mat-dialog-title>Delete?</h2><mat-dialog-content>Three files.</mat-dialog-content>
		<mat-dialog-actions><button mat-button mat-dialog-close id="cancel">Cancel</button><button mat-flat-button>Delete</button></mat-dialog-actions>`,
})
class Question {}

@Component({
	selector: "app-root",
	imports: [
		MatButtonModule,
		MatCheckboxModule,
		MatExpansionModule,
		MatFormFieldModule,
		MatInputModule,
		MatMenuModule,
		MatSelectModule,
		MatSlideToggleModule,
		MatTabsModule,
		MatToolbarModule,
	],
	styles: `
		:host { display: block; background: var(--mat-sys-background); color: var(--mat-sys-on-background); min-height: 100vh; }
		.row { display: flex; gap: 16px; align-items: center; padding: 16px; }
		li[data-done="true"] { text-decoration: line-through; opacity: 0.5; }
	`,
	template: `
<mat-toolbar>Files <span style="flex: 1"></span><button mat-button id="menu" [matMenuTriggerFor]="menu">Menu</button></mat-toolbar>
<mat-menu #menu="matMenu"><button mat-menu-item>Copy</button><button mat-menu-item>Paste</button></mat-menu>
<div class="row">
	<mat-form-field appearance="outline"><mat-label>Name</mat-label><input matInput id="name"></mat-form-field>
	<mat-form-field><mat-label>Kind</mat-label><mat-select id="kind" value="b"><mat-option value="a">Audio</mat-option><mat-option value="b">Book</mat-option></mat-select></mat-form-field>
	<mat-slide-toggle id="toggle">Shared</mat-slide-toggle><mat-checkbox id="check" checked>Starred</mat-checkbox>
</div>
<mat-tab-group><mat-tab label="Tasks"><ul>@for (task of tasks(); track task.name) {<li [attr.data-done]="task.isDone">{{ task.name }}</li>}</ul>
	<button mat-stroked-button id="done" (click)="finish()">Finish</button></mat-tab><mat-tab label="Notes"><p>Some notes</p></mat-tab></mat-tab-group>
<mat-accordion class="row" style="display: block"><mat-expansion-panel><mat-expansion-panel-header>Details</mat-expansion-panel-header><p>Hidden details</p></mat-expansion-panel></mat-accordion>
<div class="row"><button mat-flat-button id="delete" (click)="ask()">Delete</button></div>`,
})
class App {
	readonly tasks = signal(["One", "Two", "Three"].map((name) => ({ name, isDone: false })));
	constructor(private readonly dialog: MatDialog) {}
	finish() {
		this.tasks.update((list) => list.map((it, i) => ({ ...it, isDone: i < 2 })));
	}
	ask() {
		this.dialog.open(Question, { width: "360px" });
	}
}
// Tells the JIT compiler the types of the constructor's parameters, because esbuild does not emit them.
Object.assign(App, { ctorParameters: () => [{ type: MatDialog }] });

bootstrapApplication(App, { providers: [provideZonelessChangeDetection()] });
