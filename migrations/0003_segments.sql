CREATE TABLE `segments` (
	`project` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`query` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`project`, `id`)
) WITHOUT ROWID;
