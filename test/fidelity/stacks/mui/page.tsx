import {
	Accordion,
	AccordionDetails,
	AccordionSummary,
	Alert,
	AppBar,
	Avatar,
	Button,
	Chip,
	CssBaseline,
	createTheme,
	Dialog,
	DialogActions,
	DialogContent,
	DialogTitle,
	FormControlLabel,
	LinearProgress,
	MenuItem,
	Paper,
	Radio,
	RadioGroup,
	Slider,
	Stack,
	Switch,
	Tab,
	Table,
	TableBody,
	TableCell,
	TableHead,
	TableRow,
	TableSortLabel,
	Tabs,
	TextField,
	ThemeProvider,
	Toolbar,
	Typography,
} from "@mui/material";
import { useState } from "react";
import { createRoot } from "react-dom/client";

const ROWS = ["Anemone", "Begonia", "Crocus", "Dahlia", "Erica", "Freesia"].map((name, i) => ({
	name,
	stock: (i * 37) % 50,
}));

function App() {
	const [isDark, setDark] = useState(false);
	const [tab, setTab] = useState(0);
	const [isOpen, setOpen] = useState(false);
	const [isAscending, setAscending] = useState(true);
	const theme = createTheme({ palette: { mode: isDark ? "dark" : "light", primary: { main: "#6a1b9a" } } });
	const rows = [...ROWS].sort((a, b) => (isAscending ? a.stock - b.stock : b.stock - a.stock));
	return (
		<ThemeProvider theme={theme}>
			<CssBaseline />
			<AppBar position="sticky">
				<Toolbar>
					<Typography variant="h6" sx={{ flexGrow: 1 }}>
						Nursery
					</Typography>
					<FormControlLabel
						control={<Switch id="dark" color="default" checked={isDark} onChange={() => setDark(!isDark)} />}
						label="Dark"
					/>
					<Avatar sx={{ bgcolor: "secondary.main", ml: 2 }}>N</Avatar>
				</Toolbar>
			</AppBar>
			<Stack spacing={2} sx={{ p: 3 }}>
				<Alert severity="warning">Six plants are low on stock.</Alert>
				<Paper elevation={6} sx={{ p: 2 }}>
					<Tabs value={tab} onChange={(_, next) => setTab(next)}>
						<Tab label="Form" />
						<Tab label="Stock" id="stock" />
						<Tab label="Help" />
					</Tabs>
					{tab === 0 && (
						<Stack spacing={2} sx={{ mt: 2 }}>
							<Stack direction="row" spacing={2}>
								<TextField id="name" label="Name" />
								<TextField label="Latin name" variant="filled" defaultValue="Crocus sativus" />
								<TextField label="Kind" select defaultValue="bulb" sx={{ width: 160 }}>
									<MenuItem value="bulb">Bulb</MenuItem>
									<MenuItem value="shrub">Shrub</MenuItem>
								</TextField>
								<TextField label="Price" error helperText="Too low" variant="standard" defaultValue="0" />
							</Stack>
							<Slider defaultValue={30} marks step={10} aria-label="Light" sx={{ width: 400 }} />
							<RadioGroup row defaultValue="sun">
								<FormControlLabel value="sun" control={<Radio />} label="Sun" />
								<FormControlLabel value="shade" control={<Radio />} label="Shade" />
							</RadioGroup>
							<LinearProgress variant="determinate" value={62} color="success" />
						</Stack>
					)}
					{tab === 1 && (
						<Table size="small">
							<TableHead>
								<TableRow>
									<TableCell>Plant</TableCell>
									<TableCell align="right">
										<TableSortLabel
											id="sort"
											active
											direction={isAscending ? "asc" : "desc"}
											onClick={() => setAscending(!isAscending)}
										>
											Stock
										</TableSortLabel>
									</TableCell>
								</TableRow>
							</TableHead>
							<TableBody>
								{rows.map(({ name, stock }) => (
									<TableRow key={name} selected={stock < 10}>
										<TableCell>
											<Chip label={name} color={stock < 10 ? "error" : "primary"} size="small" />
										</TableCell>
										<TableCell align="right">{stock}</TableCell>
									</TableRow>
								))}
							</TableBody>
						</Table>
					)}
				</Paper>
				<Accordion defaultExpanded>
					<AccordionSummary>Care</AccordionSummary>
					<AccordionDetails>Water twice a week.</AccordionDetails>
				</Accordion>
				<Button id="order" variant="contained" onClick={() => setOpen(true)} sx={{ alignSelf: "start" }}>
					Order
				</Button>
			</Stack>
			<Dialog open={isOpen} onClose={() => setOpen(false)}>
				<DialogTitle>Order plants</DialogTitle>
				<DialogContent>
					<TextField id="amount" label="Amount" fullWidth margin="dense" />
				</DialogContent>
				<DialogActions>
					<Button onClick={() => setOpen(false)}>Cancel</Button>
					<Button variant="contained">Send</Button>
				</DialogActions>
			</Dialog>
		</ThemeProvider>
	);
}

createRoot(document.getElementById("root")!).render(<App />);
