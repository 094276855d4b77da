-- The rules for one host, as identity_of() takes them, of the value of access_known().
create macro rules_known(access, host_key) as
    case
        when access.own[host_key] is not null then access.own[host_key].rules
        when len(access.wide) > 0 then rules_fitting(host_key, access.wide)
        else []
    end
