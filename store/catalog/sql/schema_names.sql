-- What the catalog has: each column and each index of each table. Only SQLite understands it.
--
-- Columns: kind ('column' or 'index'), table, name
SELECT 'column', t.name, c.name
FROM sqlite_master AS t JOIN pragma_table_info(t.name) AS c
WHERE t.type = 'table'
UNION ALL
SELECT 'index', tbl_name, name
FROM sqlite_master
WHERE type = 'index'
