import "vuetify/styles";
import { createApp, ref } from "vue/dist/vue.esm-bundler.js";
import { createVuetify } from "vuetify";
import * as components from "vuetify/components";
import { aliases, mdi } from "vuetify/iconsets/mdi-svg";

const app = createApp({
	setup() {
		const isOpen = ref(false);
		const tab = ref("list");
		const theme = ref("light");
		const text = ref("");
		const fruit = ref("Banana");
		const isOn = ref(false);
		const lines = Array.from({ length: 500 }, (_, i) => i);
		return { isOpen, tab, theme, text, fruit, isOn, lines };
	},
	template: `
<v-app :theme="theme">
	<v-app-bar title="Orchard" color="primary">
		<v-menu><template #activator="{ props }"><v-btn v-bind="props" id="menu">Menu</v-btn></template>
			<v-list><v-list-item title="Pick"/><v-list-item title="Pack"/></v-list></v-menu>
		<v-btn id="theme" @click="theme = 'dark'">Dark</v-btn>
	</v-app-bar>
	<v-main><v-container>
		<v-alert type="info" variant="tonal" class="mb-4">Harvest begins.</v-alert>
		<v-row><v-col><v-text-field id="text" v-model="text" label="Name" variant="outlined" :rules="[(it) => it.length > 9 || 'Too short']"/></v-col>
			<v-col><v-select id="fruit" v-model="fruit" label="Fruit" :items="['Apple', 'Banana', 'Cherry']"/></v-col>
			<v-col><v-switch id="on" v-model="isOn" label="On" color="success"/></v-col></v-row>
		<v-tabs v-model="tab" color="secondary"><v-tab value="list">List</v-tab><v-tab value="more" id="more">More</v-tab></v-tabs>
		<v-window v-model="tab"><v-window-item value="list">
			<v-virtual-scroll id="lines" :items="lines" height="180" item-height="40"><template #default="{ item }"><v-list-item :title="'Row ' + item" :class="item % 2 ? 'bg-grey-lighten-3' : ''"/></template></v-virtual-scroll>
		</v-window-item><v-window-item value="more"><v-slider model-value="40" class="mt-6"/><v-expansion-panels><v-expansion-panel id="panel" title="Panel" text="With content"/></v-expansion-panels></v-window-item></v-window>
		<v-card class="mt-4" elevation="8" title="Card" subtitle="Subtitle" text="Text"><v-card-actions><v-btn id="open" color="primary" variant="flat" @click="isOpen = true">Open</v-btn></v-card-actions></v-card>
		<v-chip color="red" class="mt-2">Red</v-chip><v-rating model-value="3" readonly/>
	</v-container></v-main>
	<v-dialog v-model="isOpen" width="420"><v-card title="Dialog" text="A question"><v-card-actions><v-btn id="close" @click="isOpen = false">Close</v-btn></v-card-actions></v-card></v-dialog>
</v-app>`,
});
app.use(createVuetify({ components, icons: { defaultSet: "mdi", aliases, sets: { mdi } } }));
app.mount("#root");
