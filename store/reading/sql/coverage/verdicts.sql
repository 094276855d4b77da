-- Every verdict on an hour of a Logpush job, job by job.
SELECT dataset, job, hour, state, missing, why
FROM coverage
ORDER BY job, hour
