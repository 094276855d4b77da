-- Whether a record is in the period [since, until) of a question, two TIMESTAMP in UTC. An end that is
-- NULL is open. A record without a time is only in a period that is open at both ends.
--
-- `date` says nothing that event_time does not say, but by it DuckDB opens the files of those days alone.
create macro is_within(event_time, date, since, until) as
    (since is null or (date >= since::timestamp::date and event_time >= instant_of(since)))
    and (
        until is null
        or (date <= (until::timestamp - to_microseconds(1))::date and event_time < instant_of(until))
    )
