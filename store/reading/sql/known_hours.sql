-- What is known of how complete each hour of a dataset is.
SELECT job, hour, state, missing, why
FROM coverage
WHERE dataset = :of_dataset AND hour > :after AND hour < :before
ORDER BY hour, job
