(() => {
	const CART_KEY = "fernweh-cart";
	const ORDER_KEY = "fernweh-order";
	const FREE_DELIVERY_FROM = 7500;
	const DELIVERY = { standard: 590, express: 1290, collect: 0 };
	const SHOP_NAME = "Fernweh Outfitters";

	const euros = new Intl.NumberFormat("en-IE", {
		style: "currency",
		currency: "EUR",
	});

	const clothing = {
		title: "Jacket sizes",
		head: ["Size", "Chest", "Waist", "Arm"],
		rows: [
			["XS", "84–88 cm", "70–74 cm", "80 cm"],
			["S", "88–94 cm", "74–80 cm", "82 cm"],
			["M", "94–100 cm", "80–86 cm", "84 cm"],
			["L", "100–108 cm", "86–94 cm", "86 cm"],
			["XL", "108–116 cm", "94–102 cm", "88 cm"],
		],
	};

	const footwear = {
		title: "Boot sizes",
		head: ["EU", "UK", "US", "Foot length"],
		rows: [
			["38", "5", "6", "24.0 cm"],
			["39", "6", "6.5", "24.7 cm"],
			["40", "6.5", "7.5", "25.3 cm"],
			["41", "7.5", "8.5", "26.0 cm"],
			["42", "8", "9", "26.7 cm"],
			["43", "9", "10", "27.3 cm"],
			["44", "9.5", "10.5", "28.0 cm"],
			["45", "10.5", "11.5", "28.7 cm"],
		],
	};

	/* Prices are whole cents. */
	const products = [
		{
			id: "karst-38",
			name: "Karst 38 Rucksack",
			image: "karst-38.svg",
			price: 18900,
			note: "38 litres, for hut-to-hut weeks",
			text: "A rucksack with one big compartment, one lid and nothing to snag. The frame is two aluminium stays you can take out in a minute, and the hip belt carries fifteen kilos without complaint.",
			more: "Wide shoulder straps curve outwards, so they suit narrow and broad backs alike. The front pocket takes a wet shell; the side pockets can be reached while walking. The bottom straps hold a mat or a tent.",
			care: "420-denier recycled polyamide, waxed cotton lid. Wash by hand with soap flakes and dry out of the sun. Every buckle can be replaced without sewing.",
			sizes: ["S/M", "M/L"],
			guide: {
				title: "Back lengths",
				head: ["Size", "Back length", "Hip belt", "Weight"],
				rows: [
					["S/M", "40–46 cm", "66–96 cm", "1.24 kg"],
					["M/L", "46–52 cm", "74–112 cm", "1.31 kg"],
				],
			},
		},
		{
			id: "tarn-tent",
			name: "Tarn Tent",
			image: "tarn-tent.svg",
			price: 42900,
			note: "Three seasons, two doors, one pitch",
			text: "A freestanding dome that goes up in four minutes, inner and outer together, so the inside stays dry when it rains on arrival.",
			more: "Two doors and two porches mean nobody climbs over anybody. The poles are one length and colour, which makes pitching in the dark a matter of pushing until it stops.",
			care: "Fly of 30-denier silicone-coated ripstop, water column 3,000 mm. Store dry and loose. A sleeve for broken poles and two patches are in the bag.",
			sizes: ["2 person", "3 person"],
			guide: {
				title: "Floor and weight",
				head: ["Size", "Floor", "Height", "Weight"],
				rows: [
					["2 person", "215 × 130 cm", "104 cm", "1.98 kg"],
					["3 person", "220 × 175 cm", "112 cm", "2.46 kg"],
				],
			},
		},
		{
			id: "moraine-boot",
			name: "Moraine Mid Boot",
			image: "moraine-boot.svg",
			price: 21900,
			note: "Leather, stitched, made to be resoled",
			text: "A mid-height boot of full-grain leather on a sole that can be replaced at least three times. Stiff enough for scree, soft enough for the long walk out.",
			more: "The last is roomy at the toes and close at the heel. Most feet need two short walks before a long one. A rubber rand protects the leather where rocks meet it.",
			care: "2.4 mm leather, cork footbed, nitrile sole. Brush, let dry away from heat, and wax three or four times a season.",
			sizes: ["38", "39", "40", "41", "42", "43", "44", "45"],
			guide: footwear,
		},
		{
			id: "cairn-shell",
			name: "Cairn Rain Shell",
			image: "cairn-shell.svg",
			price: 24900,
			note: "Three layers, no fluorocarbons",
			text: "A rain jacket for weather that has made up its mind. Three layers, taped throughout, with a hood that turns when you do.",
			more: "Pit zips long enough to matter, two pockets above the hip belt, and a hem that stays put when you reach up. The cut leaves room for one warm layer underneath.",
			care: "Recycled polyester face, PU membrane, finish free of fluorocarbons. Wash at 30 °C and tumble gently: warmth wakes the finish up.",
			sizes: ["XS", "S", "M", "L", "XL"],
			guide: clothing,
		},
		{
			id: "ember-stove",
			name: "Ember Stove",
			image: "ember-stove.svg",
			price: 6400,
			note: "Half a litre boils in two minutes",
			text: "A small gas stove with a wide burner, so that porridge does not burn in the middle while it stays cold at the edge.",
			more: "The pot supports fold flat and hold anything from a mug to a three-litre pan. The valve is fine enough to simmer rice. Gas is not included.",
			care: "Steel and brass. Wipe it after use, and keep the thread free of sand. The seal costs two euros and takes a minute to change.",
			sizes: ["One size"],
			guide: {
				title: "Measurements",
				head: ["Folded", "Open", "Output", "Weight"],
				rows: [["9 × 6 cm", "14 × 11 cm", "2,800 W", "96 g"]],
			},
		},
		{
			id: "larch-flask",
			name: "Larch Flask",
			image: "larch-flask.svg",
			price: 3400,
			note: "Tea at noon, still hot at four",
			text: "A double-walled steel flask with a beech cap and a neck wide enough for soup, ice and a bottle brush.",
			more: "The powder coat gives grip to cold hands. The steel foot takes the knocks, so the paint stays on. It fits the side pocket of every rucksack we sell.",
			care: "18/8 steel, beech, silicone seal. Rinse with warm water; oil the cap when it looks pale.",
			sizes: ["0.5 l", "0.75 l", "1 l"],
			guide: {
				title: "Flask sizes",
				head: ["Size", "Height", "Stays hot", "Weight"],
				rows: [
					["0.5 l", "21 cm", "10 h", "310 g"],
					["0.75 l", "26 cm", "14 h", "390 g"],
					["1 l", "30 cm", "18 h", "470 g"],
				],
			},
		},
		{
			id: "dusk-lantern",
			name: "Dusk Lantern",
			image: "dusk-lantern.svg",
			price: 4900,
			note: "Warm light, forty hours on one charge",
			text: "A lantern with a warm, even light that flatters every dinner. Turn the knob to dim it; press the knob for a night light.",
			more: "Hang it from the loop in the tent or stand it on its wide foot. It charges by USB-C and will share its charge with a phone.",
			care: "Aluminium and polycarbonate, splash-proof. The cell is a standard 18650 and can be swapped with a coin.",
			sizes: ["One size"],
			guide: {
				title: "Measurements",
				head: ["Height", "Width", "Light", "Weight"],
				rows: [["17 cm", "9 cm", "5–320 lm", "280 g"]],
			},
		},
		{
			id: "scree-poles",
			name: "Scree Trekking Poles",
			image: "scree-poles.svg",
			price: 9800,
			note: "A pair, with cork grips",
			text: "Aluminium poles with cork grips and a clamp you can work with gloves on. They bend before they break, and you can bend them back.",
			more: "The grip continues down the shaft, for steep ground where you would rather not readjust. Snow and summer baskets come with them.",
			care: "7075 aluminium, cork, carbide tip. Take the sections apart to dry. Tips and clamps are sold singly.",
			sizes: ["95–115 cm", "110–135 cm"],
			guide: {
				title: "Pole lengths",
				head: ["Pole", "Your height", "Packed", "Weight"],
				rows: [
					["95–115 cm", "150–172 cm", "54 cm", "430 g"],
					["110–135 cm", "168–195 cm", "62 cm", "468 g"],
				],
			},
		},
	];

	/* Helpers */

	function byId(id) {
		return document.getElementById(id);
	}

	function findProduct(id) {
		return products.find((product) => product.id === id);
	}

	function money(cents) {
		return euros.format(cents / 100);
	}

	function moneyOrFree(cents) {
		return cents === 0 ? "Free" : money(cents);
	}

	function create(tag, attributes = {}, ...children) {
		const element = document.createElement(tag);
		for (const [name, value] of Object.entries(attributes)) {
			element.setAttribute(name, value);
		}
		element.append(...children);
		return element;
	}

	function showMessage(id, text, tone = "good") {
		const box = byId(id);
		box.dataset.tone = tone;
		box.textContent = text;
	}

	function track(name, payload) {
		window.Sentiero?.addCustomEvent?.(name, payload);
	}

	/* Runs after the page has loaded, because the recorder may start after this file has run. */
	function onceLoaded(run) {
		if (document.readyState === "complete") {
			run();
		} else {
			window.addEventListener("load", run, { once: true });
		}
	}

	function read(storage, key, fallback) {
		try {
			return JSON.parse(storage.getItem(key)) ?? fallback;
		} catch {
			return fallback;
		}
	}

	function write(storage, key, value) {
		try {
			storage.setItem(key, JSON.stringify(value));
		} catch {
			/* Storage is blocked or full: the shop works without it. */
		}
	}

	/* Cart */

	function readCart() {
		const lines = read(localStorage, CART_KEY, []);
		return Array.isArray(lines) ? lines.filter((line) => findProduct(line.id)) : [];
	}

	function writeCart(lines) {
		write(localStorage, CART_KEY, lines);
		showCartCount();
	}

	function countItems(lines) {
		return lines.reduce((sum, line) => sum + line.quantity, 0);
	}

	function sumCart(lines) {
		return lines.reduce((sum, line) => sum + findProduct(line.id).price * line.quantity, 0);
	}

	function deliveryCost(subtotal, method) {
		return method === "standard" && subtotal >= FREE_DELIVERY_FROM ? 0 : DELIVERY[method];
	}

	function clampQuantity(value) {
		const number = Math.round(Number(value));
		return Number.isFinite(number) ? Math.min(20, Math.max(1, number)) : 1;
	}

	function addToCart(id, size, quantity) {
		const lines = readCart();
		const line = lines.find((entry) => entry.id === id && entry.size === size);
		if (line) {
			line.quantity = clampQuantity(line.quantity + quantity);
		} else {
			lines.push({ id, size, quantity });
		}
		writeCart(lines);
	}

	function showCartCount() {
		const count = countItems(readCart());
		const badge = byId("cart-count");
		badge.textContent = String(count);
		badge.hidden = count === 0;
	}

	/* Pages */

	function startHome() {
		const buttons = document.querySelectorAll("#filters button");
		for (const button of buttons) {
			button.addEventListener("click", () => {
				for (const other of buttons) {
					other.setAttribute("aria-pressed", String(other === button));
				}
				const filter = button.dataset.filter;
				for (const card of document.querySelectorAll("#products > li")) {
					card.hidden = filter !== "all" && card.dataset.kind !== filter;
				}
			});
		}

		byId("newsletter-form").addEventListener("submit", (event) => {
			event.preventDefault();
			event.target.reset();
			showMessage("newsletter-message", "Thank you. The next letter comes on the first of the month.");
		});
	}

	function productCard(product) {
		const name = create("span", { class: "product__name" }, product.name);
		const note = create("span", { class: "product__note" }, product.note);
		const price = create("span", { class: "product__price" }, money(product.price));
		const image = create("img", {
			class: "product__image",
			src: `img/${product.image}`,
			alt: "",
			width: 400,
			height: 400,
		});
		const href = `product.html?id=${product.id}`;
		const link = create("a", { class: "product", href, id: `related-${product.id}` }, image, name, note, price);
		return create("li", {}, link);
	}

	function tableRow(tag, cells) {
		return create("tr", {}, ...cells.map((cell) => create(tag, {}, cell)));
	}

	function fillSizeGuide(guide) {
		byId("size-guide-title").textContent = guide.title;
		byId("size-guide-table").replaceChildren(
			create("thead", {}, tableRow("th", guide.head)),
			create("tbody", {}, ...guide.rows.map((row) => tableRow("td", row))),
		);
	}

	function startTabs(list) {
		const tabs = [...list.querySelectorAll("[role=tab]")];

		function select(tab) {
			for (const item of tabs) {
				const selected = item === tab;
				item.setAttribute("aria-selected", String(selected));
				item.tabIndex = selected ? 0 : -1;
				byId(item.getAttribute("aria-controls")).hidden = !selected;
			}
		}

		for (const [index, tab] of tabs.entries()) {
			tab.addEventListener("click", () => select(tab));
			tab.addEventListener("keydown", (event) => {
				const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
				if (step) {
					const next = tabs[(index + step + tabs.length) % tabs.length];
					select(next);
					next.focus();
				}
			});
		}
	}

	function startProduct() {
		const id = new URLSearchParams(location.search).get("id") ?? products[0].id;
		const product = findProduct(id);
		if (!product) {
			document.title = `Not found – ${SHOP_NAME}`;
			byId("product").hidden = true;
			byId("product-missing").hidden = false;
			return;
		}

		document.title = `${product.name} – ${SHOP_NAME}`;
		byId("crumb-name").textContent = product.name;
		byId("product-image").src = `img/${product.image}`;
		byId("product-image").alt = product.name;
		byId("product-name").textContent = product.name;
		byId("product-price").textContent = money(product.price);
		byId("product-text").textContent = product.text;
		byId("product-more").textContent = product.more;
		byId("product-care").textContent = product.care;
		byId("size").replaceChildren(...product.sizes.map((size) => create("option", { value: size }, size)));
		fillSizeGuide(product.guide);

		const index = products.indexOf(product);
		const related = [1, 2, 3, 4].map((step) => products[(index + step) % products.length]);
		byId("related").replaceChildren(...related.map(productCard));

		const quantity = byId("quantity");
		function setQuantity(value) {
			quantity.value = String(clampQuantity(value));
		}
		byId("quantity-less").addEventListener("click", () => setQuantity(Number(quantity.value) - 1));
		byId("quantity-more").addEventListener("click", () => setQuantity(Number(quantity.value) + 1));
		quantity.addEventListener("change", () => setQuantity(quantity.value));

		byId("buy-form").addEventListener("submit", (event) => {
			event.preventDefault();
			const size = byId("size").value;
			const count = clampQuantity(quantity.value);
			addToCart(product.id, size, count);
			track("add_to_cart", {
				id: product.id,
				price: product.price / 100,
				quantity: count,
			});
			byId("cart-message").replaceChildren(
				`Added ${count} × ${product.name} (${size}). `,
				create("a", { href: "cart.html", id: "view-cart" }, "View cart"),
			);
		});

		const guide = byId("size-guide");
		byId("open-size-guide").addEventListener("click", () => guide.showModal());
		byId("close-size-guide").addEventListener("click", () => guide.close());
		guide.addEventListener("click", (event) => {
			if (event.target === guide) {
				guide.close();
			}
		});

		startTabs(byId("product-tabs"));
	}

	function cartLine(line, change) {
		const product = findProduct(line.id);
		const key = `${line.id}-${line.size}`.replace(/[^a-z0-9]+/gi, "-").toLowerCase();
		const href = `product.html?id=${product.id}`;

		const quantity = create("input", {
			type: "number",
			min: 1,
			max: 20,
			value: line.quantity,
			id: `quantity-${key}`,
			"data-testid": "line-quantity",
			"aria-label": `Quantity of ${product.name}`,
		});
		quantity.addEventListener("change", () => change(line, clampQuantity(quantity.value)));

		function stepButton(step, label, sign) {
			const button = create(
				"button",
				{
					type: "button",
					"aria-label": label,
					id: `${step < 0 ? "less" : "more"}-${key}`,
				},
				sign,
			);
			button.addEventListener("click", () => change(line, clampQuantity(line.quantity + step)));
			return button;
		}

		const remove = create(
			"button",
			{
				type: "button",
				class: "link-button",
				id: `remove-${key}`,
				"data-testid": "line-remove",
			},
			"Remove",
		);
		remove.addEventListener("click", () => change(line, 0));

		const stepper = create(
			"div",
			{ class: "stepper" },
			stepButton(-1, "One less", "−"),
			quantity,
			stepButton(1, "One more", "+"),
		);
		const text = create(
			"div",
			{},
			create("a", { class: "line__name", href }, product.name),
			create("div", { class: "small" }, `Size: ${line.size}`),
			create("div", { class: "line__tools" }, stepper, remove),
		);
		return create(
			"li",
			{ class: "line", id: `line-${key}`, "data-testid": "cart-line" },
			create("img", {
				src: `img/${product.image}`,
				alt: "",
				width: 104,
				height: 104,
			}),
			text,
			create("div", { class: "line__price" }, money(product.price * line.quantity)),
		);
	}

	function startCart() {
		function change(line, quantity) {
			const lines = readCart();
			const index = lines.findIndex((entry) => entry.id === line.id && entry.size === line.size);
			if (index >= 0 && quantity === 0) {
				lines.splice(index, 1);
			} else if (index >= 0) {
				lines[index].quantity = quantity;
			}
			writeCart(lines);
			const focused = document.activeElement?.id;
			show();
			byId(focused)?.focus();
		}

		function show() {
			const lines = readCart();
			const subtotal = sumCart(lines);
			const delivery = deliveryCost(subtotal, "standard");
			byId("cart-empty").hidden = lines.length > 0;
			byId("cart-full").hidden = lines.length === 0;
			byId("cart-lines").replaceChildren(...lines.map((line) => cartLine(line, change)));
			byId("cart-subtotal").textContent = money(subtotal);
			byId("cart-delivery").textContent = moneyOrFree(delivery);
			byId("cart-total").textContent = money(subtotal + delivery);
		}

		show();
		window.addEventListener("pageshow", (event) => event.persisted && show());
	}

	function groupCardDigits(event) {
		const field = event.target;
		if (field.selectionStart === field.value.length) {
			const digits = field.value.replace(/\D/g, "").slice(0, 19);
			field.value = digits.replace(/(\d{4})(?=\d)/g, "$1 ");
		}
	}

	function startCheckout() {
		const lines = readCart();
		const empty = lines.length === 0;
		byId("checkout-empty").hidden = !empty;
		byId("checkout").hidden = empty;
		if (empty) {
			return;
		}

		const form = byId("checkout-form");
		const subtotal = sumCart(lines);

		function total() {
			return subtotal + deliveryCost(subtotal, form.elements.delivery.value);
		}

		function showSums() {
			const delivery = total() - subtotal;
			byId("sum-subtotal").textContent = money(subtotal);
			byId("sum-delivery").textContent = moneyOrFree(delivery);
			byId("sum-total").textContent = money(total());
		}

		byId("sum-lines").replaceChildren(
			...lines.map((line) => {
				const product = findProduct(line.id);
				const name = `${line.quantity} × ${product.name}`;
				return create("div", {}, create("dt", {}, name), create("dd", {}, money(product.price * line.quantity)));
			}),
		);
		byId("price-standard").textContent = moneyOrFree(deliveryCost(subtotal, "standard"));
		showSums();
		form.addEventListener("change", showSums);
		byId("field-card").addEventListener("input", groupCardDigits);

		/* The form is never submitted, so that typed data stays out of the URL. */
		form.addEventListener("submit", (event) => {
			event.preventDefault();
			const order = {
				number: `FW-${String(Date.now()).slice(-6)}`,
				total: total(),
			};
			track("purchase", { total: order.total / 100 });
			write(sessionStorage, ORDER_KEY, order);
			writeCart([]);
			location.assign(form.action);
		});

		onceLoaded(() => {
			track("checkout_started", {
				items: countItems(lines),
				total: subtotal / 100,
			});
		});
	}

	function startThanks() {
		const order = read(sessionStorage, ORDER_KEY, null);
		if (order) {
			byId("order-number").textContent = order.number;
			byId("order-total").textContent = money(order.total);
			byId("order").hidden = false;
		}
	}

	function startAccount() {
		const password = byId("login-password");
		const toggle = byId("show-password");

		function reveal(shown) {
			password.type = shown ? "text" : "password";
			toggle.textContent = shown ? "Hide password" : "Show password";
		}

		toggle.addEventListener("click", () => reveal(password.type === "password"));

		byId("login-form").addEventListener("submit", (event) => {
			event.preventDefault();
			reveal(false);
			if (password.value.length < 8) {
				showMessage("login-message", "E-mail address and password do not match.", "bad");
			} else {
				showMessage("login-message", "Welcome back. You are signed in.");
				event.target.reset();
			}
		});
	}

	function startJournal() {
		const ids = [...document.querySelectorAll("template[data-article]")].map((template) => template.dataset.article);
		const view = byId("article-view");

		function current() {
			const id = location.pathname.match(/\/journal\/(\w+)/)?.[1];
			return ids.includes(id) ? id : ids[0];
		}

		function show(moveFocus) {
			const id = current();
			view.replaceChildren(byId(`template-${id}`).content.cloneNode(true));
			view.dataset.showing = id;
			const next = ids[(ids.indexOf(id) + 1) % ids.length];
			byId("journal-next").href = `journal/${next}`;
			byId("journal-next").dataset.article = next;
			for (const link of document.querySelectorAll("#journal-list a")) {
				if (link.dataset.article === id) {
					link.setAttribute("aria-current", "page");
				} else {
					link.removeAttribute("aria-current");
				}
			}
			const title = byId("article-title");
			document.title = `${title.textContent} – ${SHOP_NAME}`;
			if (moveFocus) {
				title.focus({ preventScroll: true });
			}
		}

		byId("journal").addEventListener("click", (event) => {
			const link = event.target.closest("a[data-article]");
			const plain = !event.metaKey && !event.ctrlKey && !event.shiftKey && event.button === 0;
			if (!link || !plain) {
				return;
			}
			event.preventDefault();
			if (link.dataset.article !== current()) {
				history.pushState({ article: link.dataset.article }, "", link.href);
				show(true);
				window.scrollTo({ top: 0, behavior: "instant" });
			}
		});
		window.addEventListener("popstate", () => show(false));
		show(false);
	}

	function startHelp() {
		const search = byId("faq-search");
		search.addEventListener("input", () => {
			const query = search.value.trim().toLowerCase();
			let found = 0;
			for (const group of document.querySelectorAll(".faq[data-faq]")) {
				let inGroup = 0;
				for (const entry of group.querySelectorAll("details")) {
					const matches = entry.textContent.toLowerCase().includes(query);
					entry.hidden = !matches;
					inGroup += matches ? 1 : 0;
				}
				group.hidden = inGroup === 0;
				found += inGroup;
			}
			byId("faq-none").hidden = found > 0;
		});

		byId("throw-error").addEventListener("click", () => {
			throw new Error("Stock check failed: the warehouse did not answer");
		});

		byId("reject-promise").addEventListener("click", () => {
			Promise.reject(new Error("Parcel tracking failed: no such parcel"));
		});

		const chat = byId("rage-button");
		chat.addEventListener("click", () => {
			chat.setAttribute("aria-busy", "true");
			setTimeout(() => chat.removeAttribute("aria-busy"), 700);
		});
	}

	const starters = {
		home: startHome,
		product: startProduct,
		cart: startCart,
		checkout: startCheckout,
		thanks: startThanks,
		account: startAccount,
		journal: startJournal,
		help: startHelp,
	};

	showCartCount();
	starters[document.body.dataset.page]?.();
	window.addEventListener("pageshow", showCartCount);

	/* Submit buttons are enabled only after their handlers are attached, so that the browser never submits a form. */
	for (const button of document.querySelectorAll("button[type=submit]")) {
		button.disabled = false;
	}
})();
