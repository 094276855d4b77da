-- Change one running total, from nothing if need be.
INSERT INTO counts (dataset, measure, label, amount)
VALUES (:dataset, :measure, :label, :amount)
ON CONFLICT (dataset, measure, label) DO UPDATE SET amount = counts.amount + excluded.amount
