CREATE TABLE `issues` (
	`project` text NOT NULL,
	`fingerprint` text NOT NULL,
	`exception_class` text NOT NULL,
	`message` text NOT NULL,
	`count` integer NOT NULL,
	`status` text NOT NULL,
	`first_seen` integer NOT NULL,
	`last_seen` integer NOT NULL,
	`resolved_at` integer,
	`regressed_at` integer,
	`days` text NOT NULL,
	PRIMARY KEY(`project`, `fingerprint`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `occurrences` (
	`project` text NOT NULL,
	`fingerprint` text NOT NULL,
	`id` text NOT NULL,
	`at` integer NOT NULL,
	`message` text NOT NULL,
	`backtrace` text NOT NULL,
	`context` text,
	`platform` text,
	`session_id` text,
	`window_id` text,
	PRIMARY KEY(`project`, `fingerprint`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `occurrences_by_session` ON `occurrences` (`project`,`session_id`) WHERE session_id IS NOT NULL;--> statement-breakpoint
CREATE TABLE `server_events` (
	`project` text NOT NULL,
	`id` text NOT NULL,
	`at` integer NOT NULL,
	`name` text NOT NULL,
	`level` text NOT NULL,
	`payload` text,
	`session_id` text,
	PRIMARY KEY(`project`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `server_events_by_session` ON `server_events` (`project`,`session_id`) WHERE session_id IS NOT NULL;