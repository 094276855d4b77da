-- A start in nanoseconds since 1970.
CREATE MACRO start_of(started, nanoseconds) AS
    epoch_us(started)::hugeint * 1000 + coalesce(nanoseconds, 0);

-- How fine a start was told, in nanoseconds: one that is a whole second was told in seconds.
-- Once in a thousand or more it was not; then its own second is compared, which is no loss.
CREATE MACRO grain_of(started) AS
    CASE
        WHEN started % 1000000000 = 0 THEN 1000000000
        WHEN started % 1000000 = 0 THEN 1000000
        WHEN started % 1000 = 0 THEN 1000
        ELSE 1
    END;
