-- How far the name on a request can be trusted; `host` is a host_name().
--
-- On a host that Access does not protect, cf-access-user is whatever the client chose to
-- send. So a row is `access` only on a host known as an Access application, and never
-- silently equal to it: `unconfirmed` otherwise.
create macro identity_of(host, access_hosts) as
    case when list_contains(access_hosts, host) then 'access' else 'unconfirmed' end
