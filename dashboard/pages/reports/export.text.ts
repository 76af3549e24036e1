export const datasets = "Datasets";
export const dataset = "Dataset";
export const download = "Download";
export const downloadAs = (title: string, format: string) => `Download ${title} as ${format}`;
export const columns = "Columns";
