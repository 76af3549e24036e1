CREATE TABLE `packs` (
	`project` text NOT NULL,
	`session_id` text NOT NULL,
	`window_id` text NOT NULL,
	`first_id` text NOT NULL,
	`last_id` text NOT NULL,
	`day` integer NOT NULL,
	`saved` integer NOT NULL,
	PRIMARY KEY(`project`, `session_id`, `window_id`, `first_id`)
) WITHOUT ROWID;
