-- The rows that the narrow reader found, in the place of the view of all requests.
create or replace table "http_requests" as
-- The day of a file is that of its events.
select *, make_timestamp(epoch_us(event_time))::date as date from rows_found
