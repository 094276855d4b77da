SELECT table_name, metadata_location
FROM iceberg_tables
WHERE catalog_name = 'raytrail' AND table_namespace = 'raytrail'
