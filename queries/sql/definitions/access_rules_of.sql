-- Rules of identity_of() as they are bound: a list that is empty has no type of its own.
create macro access_rules_of(bound) as bound::struct(
    host varchar, path varchar, openings varchar[], since timestamp, until timestamp
)[]
