import { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { Helmet, HelmetProvider } from "react-helmet-async";
import styled, { createGlobalStyle, keyframes, ThemeProvider } from "styled-components";

const Global = createGlobalStyle`
	body { margin: 0; font: 16px/1.5 sans-serif; background: ${({ theme }) => theme.back}; color: ${({ theme }) => theme.text}; }
`;
const rise = keyframes`
	from { opacity: 0; transform: translateY(40px); }
	to { opacity: 1; transform: none; }
`;
const Grid = styled.main`
	display: grid;
	grid-template-columns: repeat(3, 1fr);
	gap: 24px;
	padding: 32px;
`;
const Card = styled.article<{ $hue: number; $isChosen: boolean }>`
	padding: 24px;
	border-radius: 16px;
	background: hsl(${({ $hue }) => $hue} 70% 40%);
	color: white;
	outline: ${({ $isChosen }) => ($isChosen ? "6px solid gold" : "none")};
	animation: ${rise} 300ms ease-out both;
	&[data-kind="b"] h2::before { content: "★ "; }
	& > p:nth-of-type(2) { opacity: 0.7; }
`;
const Button = styled.button.attrs({ type: "button" })`
	font: inherit;
	padding: 8px 16px;
	border: 0;
	border-radius: 8px;
	background: ${({ theme }) => theme.accent};
	color: white;
	&:focus { box-shadow: 0 0 0 4px orange; }
	${Card} & { background: #0006; }
`;
const List = styled.ul`
	height: 160px;
	overflow: auto;
	border: 2px solid ${({ theme }) => theme.accent};
	li:nth-child(odd) { background: ${({ theme }) => theme.accent}; color: white; }
`;

const THEMES = [
	{ back: "#fdf6e3", text: "#222", accent: "#586e75" },
	{ back: "#10202c", text: "#eee", accent: "#b3206b" },
];

function App() {
	const [chosen, setChosen] = useState(-1);
	const [theme, setTheme] = useState(0);
	const [isHeadLate, setHeadLate] = useState(false);
	useEffect(() => {
		setTimeout(() => setHeadLate(true), 400);
	}, []);
	return (
		<ThemeProvider theme={THEMES[theme]!}>
			<Global />
			<Helmet>
				<title>{chosen < 0 ? "Cards" : `Card ${chosen}`}</title>
				<meta name="description" content={`Chosen: ${chosen}`} />
				{isHeadLate && <link rel="stylesheet" href="late.css" />}
				{chosen >= 0 && <link rel="stylesheet" href="chosen.css" />}
				{theme === 1 && <style>{".note { border: 8px double hotpink; }"}</style>}
			</Helmet>
			<Grid>
				{[10, 80, 150, 220, 290, 340].map((hue, i) => (
					<Card key={hue} $hue={hue} $isChosen={chosen === i} data-kind={i % 2 ? "b" : "a"}>
						<h2>Card {i}</h2>
						<p>First line</p>
						<p>Second line</p>
						<Button id={`card-${i}`} onClick={() => setChosen(i)}>
							Choose
						</Button>
					</Card>
				))}
				<p className="note">A note</p>
				<Button id="theme" onClick={() => setTheme(1 - theme)}>
					Theme
				</Button>
				<List id="list">
					{Array.from({ length: 40 }, (_, i) => (
						<li key={`row ${String(i)}`}>Row {i}</li>
					))}
				</List>
			</Grid>
		</ThemeProvider>
	);
}

createRoot(document.getElementById("root")!).render(
	<HelmetProvider>
		<App />
	</HelmetProvider>,
);
