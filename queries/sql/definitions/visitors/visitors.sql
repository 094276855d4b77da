-- Who visited a host, or a path of it and everything below: one row for each name, the largest first.
--
-- of_host: a host name or a URL. of_path: such as '/browse', or a path template such as '/browse/{key}'.
-- since, until: the period [since, until), by default always; what has no offset is UTC.
-- Requests without a name are one row, with user_id NULL. `confirmed` counts the requests whose name
-- Access itself wrote. The kinds add up to `requests`; refused ones are among them.
--
-- Example: from visitors('jira.example.com', '/browse', since := '2026-11-16')
create macro visitors(of_host, of_path := '', since := null, until := null) as table
from visitors_at(
    visited_host(of_host), visited_path(of_host, of_path), utc_moment(since), utc_moment(until)
)
