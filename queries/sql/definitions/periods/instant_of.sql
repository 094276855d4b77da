-- A TIMESTAMP in UTC as an instant, to compare with `event_time`. DuckDB would take it for one in the
-- zone of the session.
create macro instant_of(moment) as
    case
        when isfinite(moment::timestamp) then make_timestamptz(epoch_us(moment::timestamp))
        else moment::timestamp::timestamptz
    end
