CREATE TABLE `counters` (
	`project` text NOT NULL,
	`day` integer NOT NULL,
	`sessions` integer NOT NULL,
	`bytes` integer NOT NULL,
	PRIMARY KEY(`project`, `day`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `jobs` ADD `error` text;--> statement-breakpoint
ALTER TABLE `sessions` ADD `user_id` text;--> statement-breakpoint
CREATE INDEX `sessions_by_user` ON `sessions` (`project`,`user_id`) WHERE user_id IS NOT NULL;