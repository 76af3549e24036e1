import "@mantine/core/styles.css";
import {
	Accordion,
	Badge,
	Button,
	Checkbox,
	Drawer,
	Group,
	MantineProvider,
	Menu,
	MultiSelect,
	NumberInput,
	Progress,
	RingProgress,
	ScrollArea,
	SegmentedControl,
	Stack,
	Stepper,
	Table,
	TextInput,
	useMantineColorScheme,
} from "@mantine/core";
import { useState } from "react";
import { createRoot } from "react-dom/client";

function App() {
	const [step, setStep] = useState(0);
	const [isOpen, setOpen] = useState(false);
	const { setColorScheme } = useMantineColorScheme();
	return (
		<Stack p="lg">
			<Group>
				<Menu>
					<Menu.Target>
						<Button variant="gradient">Menu</Button>
					</Menu.Target>
					<Menu.Dropdown>
						<Menu.Label>Application</Menu.Label>
						<Menu.Item>Search</Menu.Item>
						<Menu.Item color="red">Delete</Menu.Item>
					</Menu.Dropdown>
				</Menu>
				<Button id="dark" variant="default" onClick={() => setColorScheme("dark")}>
					Dark
				</Button>
				<Button id="open" color="teal" onClick={() => setOpen(true)}>
					Drawer
				</Button>
				<Badge variant="dot" color="lime">
					Badge
				</Badge>
				<RingProgress
					size={70}
					thickness={8}
					sections={[
						{ value: 40, color: "cyan" },
						{ value: 25, color: "orange" },
					]}
				/>
			</Group>
			<Group>
				<TextInput id="name" label="Name" error="Invalid" />
				<NumberInput label="Count" defaultValue={7} />
				<MultiSelect label="Tags" data={["a", "b", "c"]} defaultValue={["a"]} w={200} />
				<Checkbox id="check" label="Agree" />
			</Group>
			<SegmentedControl data={["React", "Vue", "Svelte"]} />
			<Stepper active={step} onStepClick={setStep}>
				<Stepper.Step label="First" />
				<Stepper.Step label="Second" />
				<Stepper.Step label="Third" />
			</Stepper>
			<Button id="step" variant="light" onClick={() => setStep(step + 1)}>
				Next
			</Button>
			<Progress value={55} striped />
			<Accordion defaultValue="one">
				<Accordion.Item value="one">
					<Accordion.Control>One</Accordion.Control>
					<Accordion.Panel>First panel</Accordion.Panel>
				</Accordion.Item>
				<Accordion.Item value="two">
					<Accordion.Control>Two</Accordion.Control>
					<Accordion.Panel>Second panel</Accordion.Panel>
				</Accordion.Item>
			</Accordion>
			<ScrollArea h={120} type="always" viewportProps={{ id: "area" }}>
				<Table
					striped
					data={{ head: ["Name", "Mass"], body: Array.from({ length: 30 }, (_, i) => [`Element ${i}`, i * 2]) }}
				/>
			</ScrollArea>
			<Drawer opened={isOpen} onClose={() => setOpen(false)} title="Drawer" position="right">
				<TextInput id="inside" label="Inside" />
			</Drawer>
		</Stack>
	);
}

createRoot(document.getElementById("root")!).render(
	<MantineProvider>
		<App />
	</MantineProvider>,
);
