import "@radix-ui/themes/styles.css";
import {
	Badge,
	Button,
	Callout,
	Card,
	Dialog,
	DropdownMenu,
	Flex,
	Heading,
	Progress,
	RadioCards,
	ScrollArea,
	SegmentedControl,
	Select,
	Slider,
	Switch,
	Table,
	Tabs,
	Text,
	TextArea,
	TextField,
	Theme,
} from "@radix-ui/themes";
import { useState } from "react";
import { createRoot } from "react-dom/client";

const COLORS = ["tomato", "ruby", "plum", "indigo", "cyan", "grass", "amber", "bronze"] as const;

function App() {
	const [isDark, setDark] = useState(false);
	return (
		<Theme accentColor="violet" grayColor="sand" radius="large" appearance={isDark ? "dark" : "light"}>
			<Flex direction="column" gap="4" p="5">
				<Flex justify="between" align="center">
					<Heading>Projects</Heading>
					<Flex gap="3" align="center">
						<Text as="label" size="2">
							<Switch id="dark" checked={isDark} onCheckedChange={setDark} /> Dark
						</Text>
						<DropdownMenu.Root>
							<DropdownMenu.Trigger>
								<Button id="menu" variant="soft">
									Options
									<DropdownMenu.TriggerIcon />
								</Button>
							</DropdownMenu.Trigger>
							<DropdownMenu.Content>
								<DropdownMenu.Item shortcut="⌘ E">Edit</DropdownMenu.Item>
								<DropdownMenu.CheckboxItem checked>Starred</DropdownMenu.CheckboxItem>
								<DropdownMenu.Separator />
								<DropdownMenu.Item color="red">Delete</DropdownMenu.Item>
							</DropdownMenu.Content>
						</DropdownMenu.Root>
					</Flex>
				</Flex>
				<Flex gap="2">
					{COLORS.map((color, i) => (
						<Badge key={color} color={color} variant={i % 2 ? "solid" : "surface"}>
							{color}
						</Badge>
					))}
				</Flex>
				<Callout.Root color="amber">
					<Callout.Text>Two projects have no owner.</Callout.Text>
				</Callout.Root>
				<Card>
					<Tabs.Root defaultValue="table">
						<Tabs.List>
							<Tabs.Trigger value="table">Table</Tabs.Trigger>
							<Tabs.Trigger value="form" id="form">
								Form
							</Tabs.Trigger>
						</Tabs.List>
						<Tabs.Content value="table">
							<Table.Root>
								<Table.Header>
									<Table.Row>
										<Table.ColumnHeaderCell>Name</Table.ColumnHeaderCell>
										<Table.ColumnHeaderCell>Progress</Table.ColumnHeaderCell>
									</Table.Row>
								</Table.Header>
								<Table.Body>
									{COLORS.slice(0, 4).map((color, i) => (
										<Table.Row key={color}>
											<Table.RowHeaderCell>{color}</Table.RowHeaderCell>
											<Table.Cell>
												<Progress value={20 + i * 20} color={color} />
											</Table.Cell>
										</Table.Row>
									))}
								</Table.Body>
							</Table.Root>
						</Tabs.Content>
						<Tabs.Content value="form">
							<Flex direction="column" gap="3" mt="3">
								<TextField.Root id="title" placeholder="Title" />
								<TextArea defaultValue="Two lines\nof text" />
								<Select.Root defaultValue="b">
									<Select.Trigger />
									<Select.Content>
										<Select.Item value="a">Apple</Select.Item>
										<Select.Item value="b">Banana</Select.Item>
									</Select.Content>
								</Select.Root>
								<Slider defaultValue={[30, 70]} />
								<SegmentedControl.Root defaultValue="week">
									<SegmentedControl.Item value="day">Day</SegmentedControl.Item>
									<SegmentedControl.Item value="week">Week</SegmentedControl.Item>
								</SegmentedControl.Root>
								<RadioCards.Root defaultValue="1" columns="3">
									<RadioCards.Item value="1">One</RadioCards.Item>
									<RadioCards.Item value="2" id="two">
										Two
									</RadioCards.Item>
								</RadioCards.Root>
							</Flex>
						</Tabs.Content>
					</Tabs.Root>
				</Card>
				<ScrollArea type="always" scrollbars="vertical" style={{ height: 120 }}>
					{Array.from({ length: 30 }, (_, i) => (
						<Text as="p" key={`line ${String(i)}`} color={COLORS[i % 8]!}>
							Line {i}
						</Text>
					))}
				</ScrollArea>
				<Dialog.Root>
					<Dialog.Trigger>
						<Button id="open">Edit profile</Button>
					</Dialog.Trigger>
					<Dialog.Content maxWidth="450px">
						<Dialog.Title>Edit profile</Dialog.Title>
						<Dialog.Description>Change the name.</Dialog.Description>
						<TextField.Root id="name" placeholder="Name" mt="3" />
						<Flex justify="end" gap="3" mt="4">
							<Dialog.Close>
								<Button variant="soft" color="gray">
									Cancel
								</Button>
							</Dialog.Close>
							<Button>Save</Button>
						</Flex>
					</Dialog.Content>
				</Dialog.Root>
			</Flex>
		</Theme>
	);
}

createRoot(document.getElementById("root")!).render(<App />);
