-- Where the period begins that compare() compares with: as long before `since` as `until` is after it.
create macro compared_since(since, until) as
    utc_moment(since) - (compared_until(until) - utc_moment(since))
