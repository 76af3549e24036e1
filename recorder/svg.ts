/** Returns the set of the words in a text. */
export const wordSet = (words: string) => new Set(words.trim().split(/\s+/));

/** Lower-case names of SVG attributes for geometry, paint and animation. */
const SVG_ATTRIBUTES = wordSet(`
	d x y x1 x2 y1 y2 cx cy r rx ry dx dy fx fy points transform viewbox preserveaspectratio pathlength offset fill stroke
	opacity visibility display overflow mask filter gradientunits gradienttransform spreadmethod patternunits
	patterntransform clippathunits maskunits markerwidth markerheight markerunits refx refy orient in in2 result
	stddeviation values mode operator textlength
`);
const SVG_PRESENTATION =
	/^(?:stroke|fill|stop|font|text|clip|mask|marker|color|flood|dominant|alignment|baseline|letter|word|shape|image|paint|vector|transform)-[a-z-]+$/;

/** Returns whether a lower-case attribute name describes geometry, paint or animation of an SVG element. */
export const isSvgAttribute = (name: string) => SVG_ATTRIBUTES.has(name) || SVG_PRESENTATION.test(name);
