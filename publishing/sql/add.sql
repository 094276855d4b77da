INSERT INTO iceberg_tables
VALUES ('raytrail', 'raytrail', :dataset, :location, NULL, 'TABLE')
