-- Whose catalog it is, if it is on a server: see store/catalog/databases/mark.py.
SELECT value FROM facts WHERE name = 'store'
