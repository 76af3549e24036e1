/** Texts around the reports: the heading, the tabs and the document's title. */

export const heading = "Analytics";
export const tabs = "Reports";
export const overview = "Overview";
export const pages = "Pages";
export const heatmap = "Heatmap";
export const vitals = "Web vitals";
export const scroll = "Scroll";
export const forms = "Forms";
export const frustration = "Frustration";
export const engagement = "Engagement";
export const funnel = "Funnel";
export const conversions = "Conversions";
export const retention = "Retention";
export const paths = "Paths";
export const exported = "Export";
