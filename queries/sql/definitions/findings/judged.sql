-- What the rules find in the period [asked_since, asked_until), two TIMESTAMP in UTC, for these names;
-- NULL stands for everybody. Rules see everybody in both cases: they compare people.
-- queries/findings/composition.py puts the relations of queries/sql/findings/ and the rules into it.
--
-- The parameters have names that no column has: a parameter hides a column. Below here no column is
-- called since or until: DuckDB confuses them with the parameters of findings().
create macro rules.judged(asked_since, asked_until, asked_names) as table
with relations as (select null)
from told
