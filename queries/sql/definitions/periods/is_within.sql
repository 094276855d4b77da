-- Whether a record is in the period [since, until) of a question, two TIMESTAMP in UTC. An end that is
-- NULL is open. A record without a time is only in a period that is open at both ends.
create macro is_within(event_time, since, until) as
    (since is null or event_time >= instant_of(since))
    and (until is null or event_time < instant_of(until))
