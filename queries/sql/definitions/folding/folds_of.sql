-- Which requests belong to another one: of those under some names, in a period, one row for each that
-- does, that shows a page of its own, or that begins a download in pieces.
--
-- Only what decides is carried along, and requests that can belong to none are left out: a program's
-- ten million calls are neither sorted nor joined. All windows are partitioned by the user, so that a
-- condition on the user is applied to the files.
--
-- The parameters are those of requests_where(). Columns: user_id, batch_id, line_number, folded_into,
-- folded_by, shown_by ('viewed': a prefetched page that was then viewed; 'route': a page that the
-- Referer shows), piece_bytes (of all pieces of a download)
create macro folds_of(who, everybody, since, until) as table
with around as (
    select
        user_id,
        batch_id,
        line_number,
        id,
        hash(id)                                                  as place,
        hash(user_agent)                                          as device,
        in_utc(event_time)                                        as seen_at,
        in_utc(received_at)                                       as received_at,
        -- Requests of nobody known may be of many people. A filter would reckon the kind twice.
        unnest(case
            when user_id is null or event_time is null or role is null then []
            -- A page of its own to its parts, and a part of the page that asked for it.
            when role in ('ahead', 'frame') then [role, 'hint']
            else [role]
        end)                                                      as role,
        status,
        bytes,
        hash(case when is_child then nullif(nullif(parent_ray_id, ''), '00') else id end) as ray,
        hash(host_key)                                            as host,
        hash(host_key || coalesce(uri, ''))                       as own_url,
        hash(coalesce(url_host(referer_url), host_key))           as referer_host,
        hash(referer_url)                                         as referer_url,
        is_own_page(referer_url, host_key)                        as is_own_page
    from (
        select *, referer_url(referer) as referer_url from unfolded_requests_where(who, everybody, since, until)
    )
),
-- By URL come together a page and what it loaded (by its Referer), and the pieces of a download.
seen as (
    select
        *,
        last_value(case when role = 'page' then {id: id, seen_at: seen_at} end ignore nulls) over told as page,
        last_value(case when role in ('ahead', 'frame') then seen_at end ignore nulls) over told as shown_at,
        lag(case when role in ('part', 'piece') then seen_at end ignore nulls) over told as before_at,
        lead(case when role = 'part' then seen_at end ignore nulls) over told     as after_at,
        lag(place) over told = place and lag(seen_at) over told = seen_at as is_again
    from around
    window told as (
        partition by user_id, device, case
            when role in ('page', 'frame', 'piece', 'ahead') then own_url
            when role in ('part', 'hint') and referer_url is not null then referer_url
            else place
        end
        order by seen_at, role in ('part', 'hint'), place, received_at, batch_id, line_number
    )
),
begun as (
    select
        * exclude (
            page, shown_at, before_at, after_at, is_again, status, own_url, is_own_page, role, seen_at
        ),
        -- A page that was fetched ahead is viewed when it loads its first part.
        case when role = 'ahead' and after_at <= seen_at + prefetch_life() then after_at else seen_at end as seen_at,
        case
            -- A piece that was received twice counts once.
            when role = 'piece' and is_again then 'again'
            -- If the page had been viewed before, that view may have loaded the part as well.
            when role = 'ahead' and page.seen_at >= seen_at - fold_reach() then 'ahead'
            when role = 'ahead' and after_at <= seen_at + prefetch_life() then 'viewed'
            when role in ('part', 'hint') and page.seen_at >= seen_at - fold_reach() then 'loaded'
            when role = 'part' and is_own_page
                and not coalesce(shown_at >= seen_at - fold_reach(), false)
                and not coalesce(before_at >= seen_at - fold_reach(), false) then 'route'
            when role = 'piece' and status = 206 and before_at >= seen_at - fold_reach() then 'resumed'
            else role
        end                                                               as role,
        case when role in ('part', 'hint') then page.id end                       as page_id,
        case
            when role in ('page', 'ahead', 'piece') then own_url
            when role = 'part' then referer_url
        end                                                               as url
    from seen
),
-- By host: the page, or the first piece of a download, that came last.
by_host as (
    select
        * exclude (device, host, referer_host, url),
        last_value(case
            when role in ('page', 'viewed', 'route', 'piece')
            then {id: id, seen_at: seen_at, url: url}
        end ignore nulls) over (
            partition by user_id, device, case
                when role in ('page', 'viewed') then host
                when role in ('loaded', 'part', 'hint', 'route') then referer_host
                when role in ('piece', 'resumed') then url
                else place
            end
            order by seen_at, role in ('page', 'viewed', 'route', 'piece') desc, place, received_at, batch_id, line_number
        ) as latest
    from begun
),
by_page as (
    select
        * exclude (latest, page_id, referer_url),
        case
            when role = 'loaded' then 'referer'
            when role = 'resumed' then 'resumed'
            when role not in ('part', 'hint') or latest.id = id then null
            when latest.url = referer_url and latest.seen_at >= seen_at - fold_reach() then 'referer'
            when latest.seen_at >= seen_at - fold_pause() then 'time'
        end as reason,
        case when role = 'loaded' then page_id else latest.id end as target
    from by_host
),
by_ray as (
    select
        *,
        first_value({id: case when reason is null then id else target end, is_child: role = 'child'}) over told as parent,
        sum(case when role in ('piece', 'resumed') then bytes end) over told      as piece_bytes
    from by_page
    window told as (
        partition by user_id, case when role = 'resumed' then hash(target) else ray end
        order by role = 'child', seen_at, place, received_at, batch_id, line_number
        rows between unbounded preceding and unbounded following
    )
)
-- Grouped, so that DuckDB knows that the rows are unique and leaves out a join that nobody asked for.
select
    user_id,
    batch_id,
    line_number,
    case
        when bool_or(folded_by = 'resent') then any_value(folded_into) filter (folded_by = 'resent')
        when bool_or(shown_by = 'viewed') then null
        else any_value(folded_into)
    end                    as folded_into,
    case
        when bool_or(folded_by = 'resent') then 'resent'
        when bool_or(shown_by = 'viewed') then null
        else any_value(folded_by)
    end                    as folded_by,
    case when bool_or(folded_by = 'resent') then null else any_value(shown_by) end as shown_by,
    case when bool_or(folded_by = 'resent') then null else any_value(piece_bytes) end as piece_bytes
from (
    select
        user_id,
        batch_id,
        line_number,
        case when role = 'child' then parent.id when reason is not null then target end as folded_into,
        case when role = 'child' then 'parent_ray' else reason end          as folded_by,
        case when role in ('viewed', 'route') then role end       as shown_by,
        case when role = 'piece' then piece_bytes end             as piece_bytes
    from by_ray
    where reason is not null
       or role in ('viewed', 'route')
       or (role = 'piece' and piece_bytes > bytes)
       or (role = 'child' and not parent.is_child)
    union all
    select user_id, batch_id, line_number, ray_id, 'resent', null, null
    from resends_of(who, everybody, since, until)
)
group by user_id, batch_id, line_number
