-- The silence after which a new session begins, in microseconds: that of a report
-- by default.
create macro session_gap() as 1800000000
