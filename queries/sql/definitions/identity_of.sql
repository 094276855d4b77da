-- How far the name on a request can be trusted; `host` is a host_name(), `uri` as it was logged.
--
-- On a host that Access does not protect, cf-access-user is whatever the client chose to
-- send. So a row is `access` only where Access is known to have stood in front of the request,
-- and never silently equal to it: `unconfirmed` otherwise.
--
-- `access_hosts` are protected as a whole and at any time. `access_rules` are those that hold for
-- a time, for some paths or with openings: {host, path, openings, since, until}, the paths as
-- LIKE takes them. A path that Access may have read otherwise than it is logged (dot segments,
-- double or hidden slashes, hidden letters where something is open) fits no rule of paths.
create macro identity_of(host, uri, seen_at, access_hosts, access_rules) as
    case
        when list_contains(access_hosts, host) then 'access'
        when len(list_filter(
            access_rules,
            lambda rule: rule.host = host
                and seen_at >= rule.since
                and (rule.until is null or seen_at < rule.until)
                and (
                    (rule.path = '%' and len(rule.openings) = 0)
                    or (
                        regexp_extract(uri, '^[^?#]*') like rule.path escape '\'
                        and not regexp_matches(
                            regexp_extract(uri, '^[^?#]*'),
                            '(^|/)\.\.?(/|$)|//|\\|%2e|%2f|%5c', 'i'
                        )
                        and (
                            len(rule.openings) = 0
                            or (
                                not contains(regexp_extract(uri, '^[^?#]*'), '%')
                                and len(list_filter(
                                    rule.openings,
                                    lambda opening:
                                        regexp_extract(uri, '^[^?#]*') ilike opening escape '\'
                                )) = 0
                            )
                        )
                    )
                )
        )) > 0 then 'access'
        else 'unconfirmed'
    end
