-- Every view and macro that is made for analysts, and every documented dataset, with an example of each.
--
-- `asked_as` shows the parameters; one with a
-- value, such as `until := NULL`, may be left out.
--
-- Columns:
--   name: the view or macro
--   kind: `view`, `dataset` (a view of its records), `macro` (a value) or `table macro` (rows: write FROM
--     before it)
--   asked_as: its name with its parameters
--   meaning: what it is, which is also its COMMENT
--   example: a statement that uses it
--
-- Example: from help()
create macro help() as table
select told.name, told.kind, told.asked_as, told.meaning, told.example
from (
    select unnest(from_json(
        '[]',
        '[{"name": "VARCHAR", "kind": "VARCHAR", "asked_as": "VARCHAR", "meaning": "VARCHAR", "example": "VARCHAR"}]'
    )) as told
)
