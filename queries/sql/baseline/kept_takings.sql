-- How much the users of a file downloaded on which day: what the catalog keeps of it.
--
-- Columns: those of rules.kept_takings()
select user_id, day, files, bytes from rules.kept_takings(null::timestamp, null::timestamp) order by user_id, day
