-- The batches that recovery entered: no sender was told at that time that they are stored.
SELECT batch_id FROM batches WHERE recovered
