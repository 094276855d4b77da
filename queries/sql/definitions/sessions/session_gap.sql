-- The silence after which a new session begins, in microseconds.
create macro session_gap() as 1800000000
