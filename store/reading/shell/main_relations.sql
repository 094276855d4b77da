-- The views and tables that SHOW TABLES lists, with their kinds.
SELECT table_name, CASE table_type WHEN 'VIEW' THEN 'VIEW' ELSE 'TABLE' END AS kind
FROM information_schema.tables
WHERE table_schema = 'main'
