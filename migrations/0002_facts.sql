CREATE TABLE `facts` (
	`project` text NOT NULL,
	`session_id` text NOT NULL,
	`day` integer NOT NULL,
	`rolled` integer NOT NULL,
	`begins` integer NOT NULL,
	`started_at` integer NOT NULL,
	`duration_ms` integer NOT NULL,
	`active_ms` integer NOT NULL,
	`score` integer NOT NULL,
	`events` integer NOT NULL,
	`views` integer NOT NULL,
	`clicks` integer NOT NULL,
	`errors` integer NOT NULL,
	`rages` integer NOT NULL,
	`deads` integer NOT NULL,
	`signals` text NOT NULL,
	`head` text NOT NULL,
	`steps` text NOT NULL,
	`moments` text NOT NULL,
	PRIMARY KEY(`project`, `session_id`, `day`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `facts_by_day` ON `facts` (`project`,`rolled`,`day`);--> statement-breakpoint
CREATE TABLE `rollup_days` (
	`project` text NOT NULL,
	`day` integer NOT NULL,
	`rev` integer NOT NULL,
	`closed` integer NOT NULL,
	PRIMARY KEY(`project`, `day`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `rollups` (
	`project` text NOT NULL,
	`part` text NOT NULL,
	`cell` text NOT NULL,
	`day` integer NOT NULL,
	`data` text NOT NULL,
	PRIMARY KEY(`project`, `part`, `cell`, `day`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `sessions` ADD `settled` integer DEFAULT 0 NOT NULL;