-- The batches that are entered and not loaded: how many, and when the oldest was received.
SELECT count(*) AS batches, min(received_at) AS oldest FROM batches WHERE state = 'entered'
