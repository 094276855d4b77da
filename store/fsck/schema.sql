-- Every object of the catalog that somebody made; SQLite makes its own, whose names are reserved.
SELECT type, name, sql
FROM sqlite_schema
WHERE name NOT LIKE 'sqlite^_%' ESCAPE '^'
ORDER BY name
