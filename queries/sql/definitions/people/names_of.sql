-- The names under which the records of one person are found.
--
-- Example: from names_of('srhea')
create macro names_of(who) as table
select who::varchar as name
where who is not null
