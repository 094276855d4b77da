-- The rules for identity_of() from a bound parameter. An empty list would have no type.
create macro access_rules_of(bound) as bound::struct(
    host varchar, path varchar, openings varchar[], since timestamp, until timestamp
)[]
