import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";
import { applyPatches, type Patch } from "../src/tools/patch-source.ts";

/**
 * Patches @rrweb/record at build time. Stubs replace unused parts, which saves 6 KB: cross-origin frames, fonts,
 * inlined images, hooks, and the canvas recorder. While it loads, the canvas recorder would also create a worker from a
 * `blob:` URL, which is a violation if the page's CSP lacks `blob:`. The added hook `record.cost` measures what rrweb
 * does in its own timers and listeners.
 */
export const slimRrweb: Plugin = {
	name: "slim-rrweb",
	setup(build) {
		build.onLoad({ filter: /@rrweb[\\/]record[\\/]dist[\\/]record\.js$/ }, async ({ path }) => {
			let source = applyPatches("@rrweb/record", await readFile(path, "utf8"), CUTS);
			// Assignments replace esbuild's helper for class fields, which is needed only for inherited or enumerated fields.
			// rrweb has none of these.
			source = source
				.replace(/__publicField\(this, "(\w+)", (.+)\);$/gm, "this.$1 = $2;")
				.replace(/__publicField\(this, "(\w+)"\);$/gm, "");
			return { contents: source, loader: "js" };
		});
	},
};

const INTERNAL_NAMES = `
	addedSet movedSet droppedSet movedMap mapRemoves removesSubTreeCache attributeMap pushAdd adoptedStyleSheetCb
	mouseInteractionCb scrollCb viewportResizeCb inputCb mediaInteractionCb styleSheetRuleCb styleDeclarationCb
	canvasMutationCb fontCb selectionCb customElementCb mousemoveCb styleMirror styleIDMap trackedLinkElements
	trackLinkElement adoptStyleSheets crossOriginIframeMirror crossOriginIframeStyleMirror nodeMetaMap idNodeMap getMeta
	getIds hasNode removeNodeFromMap isInOtherBuffer unattachedDoc restoreHandlers bypassOptions shadowDoms
	patchAttachShadow observeAttachShadow addShadowRoot addIframe addLoadListener addPageHideListener removeLoadListener
	blocked masked unmasked selectedValue addState onAsset rrwebOptions privacy masking discardBefore noteLost
	attachIframe loadListener newlyAddedElement onSerialize onIframeLoad onStylesheetLoad skipChild needsMask`;

/**
 * Matches the property names that the minifier may shorten, because only rrweb's classes and the recorder's modules use
 * them. None of them is an option, a DOM property or a field of a recorded event.
 */
export const INTERNAL_NAME = new RegExp(`^(?:${INTERNAL_NAMES.trim().split(/\s+/).join("|")})$`);

const CUTS: Patch[] = [
	{
		// Keeps only the ID of each node. rrweb would keep the serialized nodes of the page in memory.
		from: "\nclass Mirror {",
		to: "\nfunction createMirror()",
		includes: "nodeMetaMap",
		replacement: `
class Mirror {
	constructor() { this.reset(); }
	getId(n) { return this.nodeMetaMap.get(n) ?? -1; }
	getNode(id) { return this.idNodeMap.get(id) || null; }
	getMeta(n) { return this.hasNode(n); }
	removeNodeFromMap(n) {
		this.idNodeMap.delete(this.getId(n));
		n.childNodes?.forEach((child) => this.removeNodeFromMap(child));
	}
	has(id) { return this.idNodeMap.has(id); }
	hasNode(n) { return this.nodeMetaMap.has(n); }
	add(n, { id }) {
		this.idNodeMap.set(id, n);
		this.nodeMetaMap.set(n, id);
	}
	reset() {
		this.idNodeMap = new Map();
		this.nodeMetaMap = new WeakMap();
	}
}
`,
	},
	{
		// The recorder passes one selector for all blocked elements. rrweb would also check the classes of each element.
		from: "\nfunction _isBlockedElement(",
		to: "\nfunction needMaskingText(",
		includes: "classMatchesRegex",
		replacement: "",
	},
	{
		from: "\nfunction isBlocked(",
		to: "\nfunction isSerialized(",
		includes: "checkAncestors",
		replacement: `
function isBlocked(node, blockClass, blockSelector, checkAncestors) {
	const element = closestElementOfNode(node);
	const { closest, matches } = Element.prototype;
	return !!element && !!(checkAncestors ? closest : matches).call(element, blockSelector);
}
`,
	},
	{
		// A form with fields named `host` and `mode` is no shadow root.
		from: "\nfunction isShadowRoot(",
		to: "\n  return Boolean(\n    hostEl && ",
		includes: "index.host(n)",
		replacement: "\nfunction isShadowRoot(n) {\n  const hostEl = n?.nodeType === 11 && index.host(n);",
	},
	{
		from: "\nfunction shadowHostInDom(",
		to: "\nconst moveKey = ",
		includes: "\nfunction inDom(",
		replacement: "\nfunction inDom(n) { return n.isConnected; }\n",
	},
	{
		// rrweb has already checked `m.target` and its ancestors at this point.
		from: "\n            if (isBlocked(m.target, this.blockClass, this.blockSelector, false) || isIgnored(n,",
		to: "\n              return;\n            }\n            if (this.addedSet.has(n)) {",
		includes: "isSerialized(n, this.mirror)",
		replacement: "\n            if (isIgnored(n, this.mirror, this.slimDOMOptions) || !isSerialized(n, this.mirror)) {",
	},
	{
		// Skips nodes that are not elements, because only elements have children and shadow roots.
		from: "\n      if (!isBlocked(n, this.blockClass, this.blockSelector, false)) {",
		to: "\n        index.childNodes(n).forEach((childN) => this.genAdds(childN));",
		includes: "isBlocked",
		replacement: "\n      if (n.nodeType === 1 && !isBlocked(n, 0, this.blockSelector)) {",
	},
	{
		// Passes on the object with the options. rrweb would copy the options for every node.
		from: "\nfunction serializeNode(",
		to: "\nfunction getRootId(",
		includes: "n.DOCUMENT_TYPE_NODE",
		replacement: `
function serializeNode(n, options) {
	const { doc, cssCaptured } = options;
	const rootId = getRootId(doc, options.mirror);
	switch (n.nodeType) {
		case 1: return serializeElementNode(n, options, rootId);
		case 3: return serializeTextNode(n, { doc, rootId, cssCaptured });
		case 4: return { type: NodeType.CDATA, textContent: "", rootId };
		case 8: return { type: NodeType.Comment, textContent: "", rootId };
		case 9: return { type: NodeType.Document, childNodes: [], compatMode: n.compatMode === "CSS1Compat" ? void 0 : n.compatMode };
		case 10: return { type: NodeType.DocumentType, name: n.name, publicId: n.publicId, systemId: n.systemId, rootId };
	}
}
`,
	},
	{
		from: "\nfunction serializeElementNode(n, options) {",
		to: '\n  if (tagName === "link" && inlineStylesheet) {',
		includes: "n.attributes[i]",
		replacement: `
function serializeElementNode(n, options, rootId) {
	const { doc, inlineStylesheet, maskInputOptions, maskInputFn, newlyAddedElement } = options;
	const needBlock = Element.prototype.matches.call(n, options.blockSelector);
	const tagName = getValidTagName(n);
	let attributes = {};
	for (const name of Element.prototype.getAttributeNames.call(n)) {
		const value = Element.prototype.getAttribute.call(n, name) || "";
		if (!ignoreAttribute(tagName, name)) attributes[name] = transformAttribute(doc, tagName, toLowerCase(name), value);
	}`,
	},
	{
		from: '\n  if (tagName === "iframe" && !keepIframeSrcFn(',
		to: "\n    if (!n.contentDocument) {",
		includes: "attributes.src",
		replacement: '\n  if (tagName === "iframe") {',
	},
	{
		// `undefined` does not appear in JSON. Deleting the property of every element would make their objects slow.
		from: "\n    needBlock,",
		to: "\n    rootId,\n    isCustom:",
		includes: "needBlock",
		replacement: "\n    needBlock: needBlock || void 0,",
	},
	{
		from: "\nfunction serializeNodeWithId(",
		to: "\nfunction snapshot(",
		includes: "bypassOptions",
		replacement: `
function serializeNodeWithId(n, options) {
	const { mirror: mirror2, onSerialize, onIframeLoad, onStylesheetLoad } = options;
	const serializedNode = serializeNode(n, options);
	if (!serializedNode) return null;
	const { tagName, attributes = {}, needBlock } = serializedNode;
	if (needBlock) delete serializedNode.needBlock;
	const id = serializedNode.id = mirror2.hasNode(n) ? mirror2.getId(n) : slimDOMExcluded(serializedNode) ? IGNORED_NODE : genId();
	mirror2.add(n, serializedNode);
	if (id === IGNORED_NODE) return null;
	if (tagName) onSerialize?.(n);
	const shadowRootEl = tagName && index.shadowRoot(n);
	const isNative = shadowRootEl && isNativeShadowDom(shadowRootEl);
	if (isNative) serializedNode.isShadowHost = true;
	if (serializedNode.childNodes && !options.skipChild && !needBlock) {
		const cssCaptured = typeof attributes._cssText === "string";
		const childOptions = options.newlyAddedElement || options.cssCaptured !== cssCaptured ? { ...options, newlyAddedElement: false, cssCaptured } : options;
		const parents = tagName !== "textarea" || attributes.value === void 0 ? [n] : [];
		if (shadowRootEl) parents.push(shadowRootEl);
		for (const parent of parents) {
			for (const child of Array.from(index.childNodes(parent))) {
				const serializedChild = serializeNodeWithId(child, childOptions);
				if (!serializedChild) continue;
				if (isNative && parent === shadowRootEl) serializedChild.isShadow = true;
				serializedNode.childNodes.push(serializedChild);
			}
		}
	}
	const parent = index.parentNode(n);
	if (parent && isShadowRoot(parent) && isNativeShadowDom(parent)) serializedNode.isShadow = true;
	const serializeAgain = (node, doc) => serializeNodeWithId(node, { ...options, doc, skipChild: false, newlyAddedElement: false, cssCaptured: false });
	if (tagName === "iframe") {
		onceIframeLoaded(n, () => {
			const { contentDocument } = n;
			const node = contentDocument && serializeAgain(contentDocument, contentDocument);
			if (node) onIframeLoad(n, node);
		}, 5e3);
	}
	const { rel, href } = attributes;
	if (tagName === "link" && (rel === "stylesheet" || (rel === "preload" && typeof href === "string" && extractFileExtension(href) === "css"))) {
		onceStylesheetLoaded(n, () => {
			const node = serializeAgain(n, options.doc);
			if (node) onStylesheetLoad(n, node);
		}, 5e3);
	}
	return serializedNode;
}
`,
	},
	{
		// rrweb does not restore `addRule` and `removeRule` when it stops. This patch keeps the originals, the next one
		// restores them.
		from: "\n  win.CSSStyleSheet.prototype.addRule = function(",
		to: "selector, styleBlock,",
		includes: "addRule",
		replacement:
			"\n  const { addRule, removeRule } = win.CSSStyleSheet.prototype;\n  win.CSSStyleSheet.prototype.addRule = function(",
	},
	{
		from: "\n    win.CSSStyleSheet.prototype.insertRule = insertRule;",
		to: "\n    win.CSSStyleSheet.prototype.deleteRule = deleteRule;",
		includes: "insertRule",
		replacement: "\n    Object.assign(win.CSSStyleSheet.prototype, { insertRule, addRule, removeRule });",
	},
	{
		// Marks typing, and records it for text fields only. Records the final `change` event even if its text is that of
		// the last typing event.
		from: "\n    let text = target.value;\n    let isChecked = false;",
		to: '\n    if (type === "radio" || type === "checkbox") {',
		includes: "getInputType(target)",
		replacement: `
		let text = target.value;
		let isChecked = false;
		const type = getInputType(target) || "";
		const typing = event.type === "input";
		if (typing && (tagName === "SELECT" || type === "radio" || type === "checkbox")) return;
		if (event.type === "change") lastInputValueMap.delete(target);`,
	},
	{
		from: "\n    cbWithDedup(\n      target,\n      userTriggeredOnInput ?",
		to: '\n    const name = target.name;\n    if (type === "radio"',
		includes: "userTriggered",
		replacement: `
		const scripted = !event.type;
		cbWithDedup(target, {
			text,
			isChecked,
			...(typing && { typing }),
			...(scripted && { scripted }),
			...(userTriggeredOnInput && { userTriggered }),
		});`,
	},
	{
		// Makes the handler available for shadow roots, because `change` events do not leave them.
		from: '\n  const events = sampling.input === "last"',
		to: "\n  const handlers = events.map(",
		includes: '["input", "change"]',
		replacement: '\n  const events = ["input", "change"];\n  record.onChange = callbackWrapper(eventHandler);',
	},
	{
		// Leaves out scripts, comments, and elements of the head that have no visible effect. rrweb's own rules also drop
		// white space in the head, including the text of an empty style element.
		from: "\nfunction slimDOMDefaults(",
		to: "\nfunction serializeNodeWithId(",
		includes: "headMetaVerification",
		replacement: `
function slimDOMDefaults() { return {}; }
function slimDOMExcluded({ type, tagName, attributes }) {
	if (type === NodeType.Comment || tagName === "script") return true;
	if (tagName === "meta") return !attributes.charset && !/^(viewport|color-scheme)$/i.test(attributes.name);
	return tagName === "link" && /icon|manifest|modulepreload|pre(fetch|connect|load)/i.test(attributes.rel) && attributes.as !== "style";
}
`,
	},
	{
		// Reports shadow roots to the recorder and listens in them, because some of their events do not reach the document.
		from: "\n    this.shadowDoms.add(shadowRoot2);",
		to: "\n    const [observer] = initMutationObserver(",
		includes: "shadowDoms",
		replacement: `
		this.shadowDoms.add(shadowRoot2);
		record.onShadowRoot?.(shadowRoot2);
		this.restoreHandlers.push(on("change", (event) => record.onChange?.(event), shadowRoot2));`,
	},
	{
		// Records the page's scroll position before a click, because the throttled scroll event may come after the click.
		from: "\n      const id = mirror2.getId(target);\n      const { clientX, clientY } = e;",
		to: "\n      callbackWrapper(mouseInteractionCb)({",
		includes: "clientX",
		replacement:
			"\n      record.pageScrolls?.get(doc)?.();\n      const id = mirror2.getId(target);\n      const { clientX, clientY } = e;",
	},
	{
		// Throttles each scrolling element separately. A common throttle loses scrolls of other elements in its interval.
		from: "\n  const updatePosition = callbackWrapper(\n    throttle(\n      callbackWrapper((evt) => {\n        const target = getEventTarget(evt);\n        if (!target || isBlocked(",
		to: '\n  return on("scroll", updatePosition, doc);',
		includes: "sampling.scroll",
		replacement: `
	const throttled = new WeakMap();
	let pageX = 0;
	let pageY = 0;
	const emitScroll = (target, isClick) => {
		const isPage = target === doc && doc.defaultView;
		const { left, top } = isPage ? getWindowScroll(doc.defaultView) : { left: target.scrollLeft, top: target.scrollTop };
		if (isClick && left === pageX && top === pageY) return;
		if (isPage) [pageX, pageY] = [left, top];
		scrollCb({ id: mirror2.getId(target), x: left, y: top });
	};
	(record.pageScrolls ||= new WeakMap()).set(doc, () => emitScroll(doc, true));
	const updatePosition = callbackWrapper((evt) => {
		const target = getEventTarget(evt);
		if (!target || isBlocked(target, blockClass, blockSelector, true)) return;
		if (!throttled.has(target)) throttled.set(target, throttle(callbackWrapper(() => emitScroll(target)), sampling.scroll || 100));
		throttled.get(target)();
	});`,
	},
	{
		// Detects changes of the list itself, such as `adoptedStyleSheets.push()`. They set no property that rrweb could
		// watch, so the list is compared after each read.
		from: "\n      return (_a3 = originalPropertyDescriptor.get) == null ? void 0 : _a3.call(this);\n    },\n    set(sheets)",
		to: "\n      const result = (_a3 = originalPropertyDescriptor.set)",
		includes: "_a3",
		replacement: `
			const sheets = (_a3 = originalPropertyDescriptor.get) == null ? void 0 : _a3.call(this);
			const before = sheets && [...sheets];
			if (before && !this.__pending) {
				setTimeout(() => {
					if (sheets.length === before.length && before.every((sheet, i) => sheet === sheets[i])) return;
					stylesheetManager.adoptStyleSheets([...sheets], hostId);
				}, 0);
			}
			return sheets;
		},
		set(sheets) {
			var _a3;`.replace(" && !this.__pending", ""),
	},
	{
		// Restores the inherited property. rrweb would leave an own property on the page's document.
		from: '\n    Object.defineProperty(host2, "adoptedStyleSheets", {\n      configurable: originalPropertyDescriptor.configurable,\n      enumerable: originalPropertyDescriptor.enumerable,\n      // eslint',
		to: "\n  });\n}\nfunction initStyleDeclarationObserver(",
		includes: "unbound-method",
		replacement: "\n    delete host2.adoptedStyleSheets;",
	},
	{
		// Records that the list of adopted style sheets has become empty.
		from: "\n    if (sheets.length === 0) return;",
		to: "\n    const adoptedStyleSheetData = {",
		includes: "sheets.length",
		replacement: "",
	},
	{
		// rrweb looks for accessors named `querySelector` and `querySelectorAll`, which are methods. It therefore
		// considers the `Element` of every page modified, and adds a frame to the page.
		from: '\n  Element: ["shadowRoot"',
		to: "\n  MutationObserver: []\n};\nconst testableMethods",
		includes: "querySelectorAll",
		replacement: '\n  Element: ["shadowRoot"],',
	},
	{
		// Caches accessors, so that a call needs only one look-up: a snapshot makes tens of thousands of calls.
		from: "\nconst untaintedAccessorCache = {};",
		to: "\nconst untaintedMethodCache = {};",
		includes: "untaintedAccessor.call(instance)",
		replacement: `
const untaintedAccessors = {};
function getUntaintedAccessor(key, instance, accessor) {
	const get = (untaintedAccessors[accessor] ||=
		Object.getOwnPropertyDescriptor(getUntaintedPrototype(key), accessor)?.get || function () { return this[accessor]; });
	return get.call(instance);
}`,
	},
	{
		from: "\nconst untaintedMethodCache = {};",
		to: "\nfunction ownerDocument(",
		includes: "untaintedMethod.bind(instance)",
		replacement: `
const untaintedMethods = {};
function getUntaintedMethod(key, instance, method) {
	const { [method]: found = (untaintedMethods[method] = getUntaintedPrototype(key)[method]) } = untaintedMethods;
	return (...args) => found.apply(instance, args);
}
`,
	},
	{
		// native.ts handles zone.js. rrweb would add a frame to the page to get unmodified functions.
		from: "\nconst isAngularZonePresent = ",
		to: "\nfunction getUntaintedPrototype(",
		includes: "globalThis.Zone",
		replacement: "\nconst isAngularZonePresent = () => false;\n",
	},
	{
		from: "\nfunction mutationObserverCtor(",
		to: "\nlet nowTimestamp = ",
		includes: "untaintedBaseIframeCleanup",
		replacement: "\nfunction mutationObserverCtor() { return [MutationObserver, () => {}]; }\n",
	},
	{
		// The scrubber masks texts. Unlike rrweb, it considers all composed ancestors.
		from: "\nfunction needMaskingText(",
		to: "\nfunction onceIframeLoaded(",
		includes: "maskTextSelector",
		replacement: "\nfunction needMaskingText() { return false; }\n",
	},
	{
		from: "\nfunction on(type, fn,",
		to: "\nconst DEPARTED_MIRROR_ACCESS_WARNING",
		includes: "target.addEventListener(",
		replacement: `
function on(type, fn, target = document) {
	const options = { capture: true, passive: true };
	addListener(target, type, fn, options);
	return () => removeListener(target, type, fn, options);
}`,
	},
	{
		// Removes the code that replaces the page's `Array.from` if a library has changed it.
		from: "\ntry {\n  if (Array.from([1],",
		to: "\nconst mirror = createMirror();",
		includes: "cleanFrame",
		replacement: "",
	},
	{
		from: "\nvar chars = ",
		to: "\nclass StylesheetManager {",
		includes: "\nclass CanvasManager {",
		replacement: `
class CanvasManager {
	freeze() {}
	unfreeze() {}
	lock() {}
	unlock() {}
	reset() {}
}
`,
	},
	{
		from: "\nclass CrossOriginIframeMirror {",
		to: "\nclass IframeManager {",
		includes: "getRemoteIdToIdMap(",
		replacement: "\nclass CrossOriginIframeMirror {}\n",
	},
	{
		from: "\n  handleMessage(message) {",
		to: "\n}\nclass ShadowDomManager {",
		includes: "\n  transformCrossOriginEvent(",
		replacement: "\n  handleMessage() {}\n",
	},
	{
		from: "\nfunction initFontObserver(",
		to: "\nfunction initSelectionObserver(",
		includes: "FontFace",
		replacement: "\nfunction initFontObserver() { return () => {}; }\n",
	},
	{
		from: "\nfunction initCustomElementObserver(",
		to: "\nfunction initObservers(",
		includes: "\nfunction mergeHooks(",
		replacement: "\nfunction initCustomElementObserver() { return () => {}; }\nfunction mergeHooks() {}\n",
	},
	{
		from: '\n  if (tagName === "canvas" && recordCanvas) {',
		to: '\n  if (["audio", "video"].includes(tagName)) {',
		includes: "recordInlineImage",
		replacement: "",
	},
	{
		from: "\nfunction polyfill(",
		to: "\nfunction isSerializedIframe(",
		includes: "NodeList",
		replacement: "\nfunction polyfill() {}\n",
	},
	{
		from: "\n  const inEmittingFrame = ",
		to: "\n  if (mousemoveWait !== void 0",
		includes: "passEmitsToParent = true",
		replacement: "\n  const inEmittingFrame = true, passEmitsToParent = false;",
	},
	{
		from: "\nclass BaseRRNode {",
		to: "\nfunction on(type, fn,",
		includes: "RRDomException",
		replacement: "\nclass BaseRRNode {}\n",
	},
	{
		from: "\nconst DEPARTED_MIRROR_ACCESS_WARNING",
		to: "\nfunction throttle(func,",
		includes: "_mirror = new Proxy",
		replacement: "",
	},
	{
		from: "\n  const rrwebWrapped = (...rest) => {",
		to: "\n  return rrwebWrapped;",
		includes: "return cb(...rest);",
		replacement: `
	const rrwebWrapped = (...rest) => {
		const end = record.cost?.();
		try {
			return cb(...rest);
		} catch (error) {
			if (errorHandler?.(error) !== true) throw error;
		} finally {
			end?.();
		}
	};`,
	},
];
