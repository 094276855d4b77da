-- The session of a slice of time that a moment falls into.
create macro session_at(spans, moment) as
    list_filter(
        spans, lambda span: epoch_us(moment) between span.first_us and span.last_us
    )[1]
