CREATE INDEX `facts_in_order` ON `facts` (`project`,`rolled`,`day`,`session_id`,`begins`,`score`,`duration_ms`,`head`,`steps`);--> statement-breakpoint
DROP INDEX `facts_by_day`;
