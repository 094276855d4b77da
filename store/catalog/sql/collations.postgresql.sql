-- Columns of texts that do not sort by bytes, as `table.column`.
SELECT c.relname || '.' || a.attname
FROM pg_attribute AS a
JOIN pg_class AS c ON c.oid = a.attrelid
JOIN pg_collation AS o ON o.oid = a.attcollation
WHERE c.relnamespace = current_schema()::regnamespace
  AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
  AND o.collname <> 'C'
