-- The newest file format that the store may hold, as text. Catalogs before format 2 lack the table.
SELECT value FROM facts WHERE name = 'format'
