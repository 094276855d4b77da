-- Every Access application that is known, and when: one row for each version of it.
--
-- Columns:
--   id: Cloudflare's id of the application.
--   name: Its name; NULL where only logins tell of it.
--   type: Its type, such as self_hosted; NULL where only logins tell of it.
--   covers: The hosts that it protects, with an optional path; * is anything.
--   opens: The hosts and paths that it leaves open, without a login.
--   session_duration: How long a login lasts, as Cloudflare writes it; NULL where only logins tell of it.
--   source: How it is known: list (Cloudflare's list of applications) or logins.
--   since: From when on this version applied.
--   until: Until when it applied; NULL for the version that applies now.
--   listed_at: When it was found in Cloudflare's list; NULL where only logins tell of it.
--
-- Example: select unnest(covers) as place, since from applications where until is null
create view applications as
select
    id,
    name,
    type,
    covers,
    opens,
    session_duration,
    source,
    make_timestamptz(epoch_us(begins))    as since,
    make_timestamptz(epoch_us(ends))      as until,
    make_timestamptz(epoch_us(listed_at)) as listed_at
from applications_under(null::timestamp, null::timestamp)
