-- Count the trouble one field gave, from nothing if need be.
INSERT INTO fields (dataset, kind, field, times, first_batch)
VALUES (:dataset, :kind, :field, :times, :first_batch)
ON CONFLICT (dataset, kind, field) DO UPDATE SET
    times = fields.times + excluded.times,
    first_batch = CASE
        WHEN excluded.first_batch < fields.first_batch THEN excluded.first_batch
        ELSE fields.first_batch
    END
