-- Mark one record of a fetched dataset, unless it is marked.
INSERT INTO marks (dataset, mark, sequence)
VALUES (:dataset, :mark, :sequence)
ON CONFLICT DO NOTHING
