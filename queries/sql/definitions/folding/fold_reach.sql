-- How long after a page its requests are still its own, where their Referer names it, and how long
-- after a piece of a download the next one continues it: a working day, as pages stay open.
create macro fold_reach() as interval 8 hours
