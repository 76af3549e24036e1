CREATE TABLE `chunks` (
	`project` text NOT NULL,
	`session_id` text NOT NULL,
	`window_id` text NOT NULL,
	`id` text NOT NULL,
	`day` integer NOT NULL,
	`seq` integer NOT NULL,
	`first_at` integer NOT NULL,
	`last_at` integer NOT NULL,
	`events` integer NOT NULL,
	`bytes` integer NOT NULL,
	`snapshots` integer NOT NULL,
	`pages` integer NOT NULL,
	`clicks` integer NOT NULL,
	`errors` integer NOT NULL,
	`client` text NOT NULL,
	`metadata` text NOT NULL,
	`trail` text NOT NULL,
	PRIMARY KEY(`project`, `session_id`, `window_id`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `erasures` (
	`project` text NOT NULL,
	`session_id` text NOT NULL,
	`window_id` text NOT NULL,
	`reason` text NOT NULL,
	`erased_at` integer NOT NULL,
	PRIMARY KEY(`project`, `session_id`, `window_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `jobs` (
	`name` text PRIMARY KEY NOT NULL,
	`ran_at` integer NOT NULL,
	`lease_until` integer NOT NULL,
	`cursor` text
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `refusals` (
	`project` text NOT NULL,
	`day` integer NOT NULL,
	`reason` text NOT NULL,
	`origin` text NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`project`, `day`, `reason`, `origin`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `sessions` (
	`project` text NOT NULL,
	`id` text NOT NULL,
	`started_at` integer NOT NULL,
	`last_at` integer NOT NULL,
	`received_at` integer NOT NULL,
	`windows` integer NOT NULL,
	`chunks` integer NOT NULL,
	`events` integer NOT NULL,
	`bytes` integer NOT NULL,
	`pages` integer NOT NULL,
	`clicks` integer NOT NULL,
	`errors` integer NOT NULL,
	`first_stamp` text NOT NULL,
	`client` text NOT NULL,
	`metadata` text NOT NULL,
	PRIMARY KEY(`project`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `sessions_by_start` ON `sessions` (`project`,`started_at`);