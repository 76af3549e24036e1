UPDATE OR REPLACE `jobs` SET `name` = 'anonymize days' WHERE `name` = 'closing days';--> statement-breakpoint
UPDATE OR REPLACE `jobs` SET `name` = 'removed projects' WHERE `name` = 'forgotten projects';
