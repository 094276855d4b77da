-- What the users of a file had on which days: what the catalog keeps of it.
--
-- Columns: those of rules.kept_habits()
select user_id, kind, value, month, days from rules.kept_habits(null::timestamp, null::timestamp) order by user_id, kind, value, month
