-- Whether a request may have passed Access: false where Cloudflare may have answered it before, so that
-- nobody overwrote the user name that the client sent.
--
-- An answer of the origin, the cache or a Worker proves that it passed. Without such a proof, these
-- did not: what a rule stopped, every redirect (to the login, or to https), and statuses with which
-- Cloudflare itself refuses. An application may let OPTIONS requests pass without a session.
create macro is_let_through(
    method, status, security_action, cache_status, worker_status, origin_status
) as
    case
        when upper(coalesce(method, '')) = 'OPTIONS' then false
        when origin_status > 0 then true
        when replace(lower(cache_status), '_', '')
            in ('hit', 'stale', 'updating', 'revalidated', 'streamhit') then true
        when lower(worker_status) not in ('', 'unknown') then true
        when is_stopped(security_action) then false
        when status between 300 and 399 then status = 304
        else coalesce(
            status not in (
                0, 400, 401, 403, 405, 408, 411, 413, 414, 417, 421, 426, 429, 431, 451, 499
            ), true
        )
    end
