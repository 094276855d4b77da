-- The kind of an Access event by its logged action: login, logout, enrolment or other.
--
-- Cloudflare documents `login` and `logout`. Real logs also have `warpEnrollment`, for a device that
-- joins WARP. An event without an action is `other`: it may be a logout.
create macro login_event(action) as
    case
        when lower(trim(action)) in ('login', 'logout') then lower(trim(action))
        when regexp_matches(action, 'enroll?ment', 'i') then 'enrolment'
        else 'other'
    end
