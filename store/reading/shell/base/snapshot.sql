-- Which state of the store this file shows, how old it is, and where it was published.
CREATE VIEW snapshot AS
    SELECT
        sequence,
        taken_at,
        make_timestamp(epoch_us(now())) - make_timestamp(epoch_us(taken_at)) AS age,
        shape.folder() || 'audit.duckdb'                                     AS published_as
    FROM shape.snapshot
