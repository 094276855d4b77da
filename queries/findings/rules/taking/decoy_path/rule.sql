with told as (
    select
        user_id, event_time, ray_id, identity, host_key, path, section, date,
        coalesce(status between 200 and 399, true) as is_answered,
        -- What decodes to no UTF-8 is an error, and would end the answer about everybody.
        lower(coalesce(try(url_decode(path)), path)) as plain
    from acts
    where is_asked
      and path is not null
      and kind <> 'prefetch'
      and coalesce(source, '') in ('', 'eyeball')
      and coalesce(parent_ray_id, '') in ('', '00')
      and coalesce(folded_by, '') not in ('resent', 'parent_ray')
),
asked_for as (
    select
        *,
        list_contains(rules.decoy_path_paths(), plain)
            or list_contains(rules.decoy_path_paths(), host_key || plain) as is_listed
    from told
    where list_contains(rules.decoy_path_paths(), plain)
       or list_contains(rules.decoy_path_paths(), host_key || plain)
       or regexp_matches(
           plain,
           '^/+\.(env|git|svn|hg|bzr|aws|ssh|azure|docker|kube|config|npmrc|pypirc|htpasswd|htaccess|netrc'
           || '|pgpass|bash_history|vscode|idea|ds_store|credentials)([._-][a-z0-9._-]*)?(/|$)'
           || '|^/+([a-z0-9_-]+/)?(backups?|dump|database|db|site|www|wwwroot|public_html|htdocs|mysql|postgres)'
           || '\.(sql|sqlite3?|db|dump|zip|tar|tgz|gz|bz2|rar|7z|bak|old)(\.(gz|zip|bz2|xz))?$'
           || '|^/+([a-z0-9_-]+/)?(passwords?|passwd|secrets?|credentials)\.(txt|csv|xlsx?|docx?|json|ya?ml|zip|kdbx|old|bak)$'
           || '|^/+([a-z0-9_-]+/)?id_(rsa|dsa|ecdsa|ed25519)(\.pub|\.bak)?$'
           || '|^/+[a-z0-9_-]+\.(php|asp|aspx|jsp|config|conf|ini|ya?ml|json|xml)\.(bak|old|orig|save|swp)$'
           || '|^/+([a-z0-9_-]+/)?(wp-login\.php|wp-config\.php|wp-admin|xmlrpc\.php|phpmyadmin|pma|myadmin'
           || '|adminer(-[0-9.]+)?\.php|phpinfo\.php|info\.php|shell\.php|web\.config|server-status|server-info'
           || '|cgi-bin|hnap1|boaform|_ignition|etc/passwd)(/|$)'
           || '|^/+(actuator/(env|heapdump|configprops|threaddump)|manager/html|vendor/phpunit|solr/admin'
           || '|jenkins/script|debug/pprof|telescope/requests)(/|$)'
       )
       or (
           not is_answered
           and regexp_matches(plain, '/\.(env|git|svn|hg|aws|ssh|htpasswd)(/|$)|(^|/)\.\./|/etc/passwd$')
       )
),
-- An application that people use has answered on other days, too.
usual as (
    select path.section, path.date, count(distinct habits.day) as days
    from (select distinct section, date from asked_for where is_answered and not is_listed) as path
    join habits
        on habits.kind = 'section'
        and habits.value = left(path.section, 200)
        and habits.day < path.date
    group by path.section, path.date
),
decoys as (
    select
        asked_for.*,
        event_time - lag(event_time) over (partition by user_id order by event_time)
            > to_minutes(rules.decoy_path_minutes()) as is_after_pause
    from asked_for
    left join usual using (section, date)
    where is_listed
       or not is_answered
       or coalesce(usual.days, 0) < rules.decoy_path_usual_days()
),
numbered as (
    select
        *,
        count(*) filter (is_after_pause) over (partition by user_id order by event_time) as island
    from decoys
)
select
    user_id,
    min(event_time)                              as first_seen,
    max(event_time)                              as last_seen,
    list(ray_id order by event_time, ray_id)     as evidence,
    case when bool_and(identity = 'access') then 'access' else 'unconfirmed' end as identity,
    count(*) || case when count(*) = 1 then ' request' else ' requests' end
        || ' for what nobody has a reason to ask for: '
        || array_to_string(list_sort(list_distinct(list(host_key || left(path, 100))))[1:4], ', ')
        || case when count(distinct host_key || path) > 4 then ' and others' else '' end
        || case when bool_or(is_answered) then ', of which some were answered.' else ', none of which was answered.' end as what
from numbered
group by user_id, island
