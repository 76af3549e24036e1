CREATE TABLE `audit` (
	`project` text NOT NULL,
	`at` integer NOT NULL,
	`id` text NOT NULL,
	`action` text NOT NULL,
	`subject` text NOT NULL,
	PRIMARY KEY(`project`, `at`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `marks` (
	`project` text NOT NULL,
	`session_id` text NOT NULL,
	`starred` integer NOT NULL,
	`viewed_at` integer,
	`labels` text NOT NULL,
	PRIMARY KEY(`project`, `session_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `notes` (
	`project` text NOT NULL,
	`session_id` text NOT NULL,
	`id` text NOT NULL,
	`window_id` text NOT NULL,
	`at` integer NOT NULL,
	`text` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`project`, `session_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `shares` (
	`project` text NOT NULL,
	`session_id` text NOT NULL,
	`id` text NOT NULL,
	`token_hash` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`views` integer NOT NULL,
	`viewed_at` integer,
	PRIMARY KEY(`project`, `session_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `shares_by_id` ON `shares` (`id`);