-- The slice of time, as wide as a session's gap (microseconds), that a moment falls into.
--
-- Two requests in one slice are less than the gap apart, so a session never ends inside one.
-- Counted from the year 1, because division rounds towards zero on both sides of it.
create macro session_bucket(event_time, gap) as
    (epoch_us(event_time) - epoch_us(timestamp '0001-01-01')) // gap
