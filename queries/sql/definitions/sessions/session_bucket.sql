-- The number of the time slice that a moment falls into; slices are as wide as a session's gap
-- (microseconds).
--
-- Two requests in one slice are less than the gap apart, so a session never ends inside a slice.
-- Slices are counted from the year 1, because integer division rounds towards zero.
create macro session_bucket(event_time, gap) as
    (epoch_us(event_time) - epoch_us(timestamp '0001-01-01')) // gap
