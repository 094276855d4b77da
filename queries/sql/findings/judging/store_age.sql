-- The first and the last day of the records of the store.
select min(day) as first_day, max(day) as last_day from active
