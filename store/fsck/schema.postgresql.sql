-- What somebody added to a table of the schema that changes what is written.
SELECT 'trigger' AS kind, t.tgname AS name, c.relname AS "table"
FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
UNION ALL
SELECT 'rule', rulename, tablename FROM pg_rules WHERE schemaname = current_schema()
ORDER BY 3, 2
