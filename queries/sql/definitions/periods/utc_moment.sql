-- What an analyst gives as a moment, as a TIMESTAMP in UTC: a text, a DATE, a TIMESTAMP or a
-- TIMESTAMPTZ. Without an offset or a zone it is UTC, whatever the zone of the session.
create macro utc_moment(moment) as
    case
        when typeof(moment) = 'TIMESTAMP WITH TIME ZONE' and isfinite(moment::timestamptz)
            then make_timestamp(epoch_us(moment::timestamptz))
        -- A cast to TIMESTAMP drops an offset without a word. One can only follow a time.
        when regexp_matches(moment::varchar, ':[0-9][0-9.]*\s*[A-Za-z+-]')
            then make_timestamp(epoch_us(moment::varchar::timestamptz))
        else moment::varchar::timestamp
    end
