-- Where the period of compare() ends: by default when this view of the store was taken.
create macro compared_until(until) as coalesce(utc_moment(until), shape.taken_at())
