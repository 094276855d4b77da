-- How many people must usually be active in an hour of the week for an hour without any record to count
-- as one in which logging was off. In a smaller company an empty hour may just be a quiet one.
create macro rules.busy_people() as 6
