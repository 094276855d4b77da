-- The start of a request in nanoseconds since 1970.
CREATE MACRO start_of(started, nanoseconds) AS
    epoch_us(started)::hugeint * 1000 + coalesce(nanoseconds, 0);

-- The precision of a start in nanoseconds: a whole second counts as a precision of seconds. Fewer
-- than one in a thousand precise starts are whole seconds; these are compared by second, which is safe.
CREATE MACRO grain_of(started) AS
    CASE
        WHEN started % 1000000000 = 0 THEN 1000000000
        WHEN started % 1000000 = 0 THEN 1000000
        WHEN started % 1000 = 0 THEN 1000
        ELSE 1
    END;
