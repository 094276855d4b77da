-- Whether the user name on a request can be trusted; `host` is a host_name(), `uri` is as logged.
--
-- On a host that Access does not protect, a client can send any cf-access-user. So a row is `access`
-- only if Access is known to have protected the request, and `unconfirmed` otherwise; also if it
-- did not let the request through (see is_let_through).
--
-- `access_hosts` are protected as a whole and at all times. `access_rules` hold for a period, for
-- some paths or with openings: {host, path, openings, since, until}; paths are LIKE patterns.
-- Access may read a path in another way than it is logged (dot segments, double or encoded slashes,
-- encoded characters where something is open); such a path matches no rule for paths.
-- Cloudflare itself answers paths below /cdn-cgi/, without a session: nobody checks a name there.
create macro identity_of(let_through, host, uri, seen_at, access_hosts, access_rules) as
    case
        when not let_through or starts_with(uri, '/cdn-cgi/') then 'unconfirmed'
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
