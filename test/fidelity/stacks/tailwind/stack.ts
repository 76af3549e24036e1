import type { Stack } from "../../stack.ts";

const card = (i: number) => `
<article class="card w-56 snap-start shrink-0 bg-base-200 even:bg-primary even:text-primary-content shadow-xl">
	<div class="card-body"><h2 class="card-title before:content-['#']">${i}</h2>
	<p class="line-clamp-2">Text that is cut off after the second line because it is much longer than that, as one sees.</p></div>
</article>`;

export const stack: Stack = {
	title: "Tailwind 4, daisyUI 5",
	html: 'data-theme="cupcake"',
	body: `
<div class="navbar bg-neutral text-neutral-content">
	<div class="flex-1 text-xl font-bold px-4">Kiosk</div>
	<div class="dropdown dropdown-end">
		<div id="menu" tabindex="0" role="button" class="btn btn-accent m-1">Menu</div>
		<ul tabindex="-1" class="dropdown-content menu bg-base-100 text-base-content rounded-box z-1 w-52 p-2 shadow-sm">
			<li><a>Orders</a></li><li><a>Settings</a></li>
		</ul>
	</div>
</div>
<main class="p-6 grid gap-6 @container">
	<div role="alert" class="alert alert-info alert-soft"><span>Open until eight.</span></div>
	<div class="flex gap-4 items-center">
		<button class="btn btn-primary" data-toggle="panel" id="toggle">Panel</button>
		<button class="btn btn-outline btn-secondary" data-toggle="theme" id="theme">Theme</button>
		<button class="btn" data-toggle="dialog" id="ask">Dialog</button>
		<input type="checkbox" class="toggle toggle-success peer" id="check">
		<span class="peer-checked:text-success peer-checked:font-black">Peer</span>
		<input id="text" class="input invalid:border-error focus:ring-4 focus:ring-warning placeholder:text-pink-500" placeholder="Mail" type="email">
		<div class="rating"><input type="radio" name="r" class="mask mask-star-2 bg-orange-400"><input type="radio" name="r" class="mask mask-star-2 bg-orange-400" checked><input type="radio" name="r" class="mask mask-star-2 bg-orange-400"></div>
	</div>
	<section id="panel" data-state="closed" aria-expanded="false" class="group rounded-xl p-6 transition-all duration-300 data-[state=open]:bg-emerald-200 data-[state=closed]:bg-rose-100 data-[state=open]:p-12 aria-expanded:ring-8">
		<p class="group-data-[state=open]:text-4xl text-slate-900 @max-md:hidden">The panel</p>
	</section>
	<div class="tabs tabs-lift">
		<input type="radio" name="t" class="tab" aria-label="First" checked>
		<div class="tab-content bg-base-100 border-base-300 p-6">First content</div>
		<input type="radio" name="t" class="tab" aria-label="Second" id="second">
		<div class="tab-content bg-base-100 border-base-300 p-6">Second content</div>
	</div>
	<div id="shelf" class="flex gap-4 overflow-x-auto snap-x">${Array.from({ length: 12 }, (_, i) => card(i)).join("")}</div>
	<div class="collapse collapse-arrow bg-base-200"><input type="checkbox" id="more"><div class="collapse-title">More</div><div class="collapse-content">Hidden text</div></div>
</main>
<dialog class="modal"><div class="modal-box"><h3 class="text-lg font-bold">Sure?</h3><p class="py-4">It cannot be undone.</p>
	<div class="modal-action"><form method="dialog"><button class="btn" id="close">Close</button></form></div></div></dialog>`,
	steps: [
		async (page) => {
			await page.fill("#text", "no mail");
			await page.click("#check");
			await page.click("#toggle");
			await page.click("#second");
			await page.evaluate(() => document.querySelector("#shelf")!.scrollTo(500, 0));
			await page.click("#menu");
		},
		async (page) => {
			await page.click("#theme");
			await page.click("#more");
			await page.click("#ask");
		},
	],
};
