-- A moment in UTC without a zone, as everything here is reckoned and handed over: of that kind
-- DuckDB reckons ten times as fast, and Python can take it. Row groups are skipped through it.
create macro in_utc(moment) as make_timestamp(epoch_us(moment))
