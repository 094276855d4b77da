-- The entries of the ledger up to the snapshot, one row each. A line that is being written now is no
-- entry of it, so lines that are not whole are passed over; whoever needs all of them has to count.
CREATE OR REPLACE VIEW shape.ledger AS
    SELECT
        header.sequence    AS sequence,
        header.kind        AS kind,
        header.recorded_at AS recorded_at,
        payload
    FROM read_ndjson(
        shape.ledger_files(),
        columns = {
            header: 'STRUCT("sequence" BIGINT, kind VARCHAR, recorded_at VARCHAR)', payload: 'JSON'
        },
        ignore_errors = true,
        maximum_object_size = 268435456
    )
    WHERE header.sequence <= shape.sequence()
