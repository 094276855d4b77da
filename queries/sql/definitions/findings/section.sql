-- The part of an application that a path belongs to: the host and the first segment, such as
-- jira.example.com/browse; of an administration everything up to its word: wiki.example.com/x/admin.
-- A segment that names one thing is its placeholder. host_key is a host_name().
create macro rules.section(host_key, path) as
    host_key || '/' ||
    case
        when rules.is_admin_path(path) then
            lower(regexp_extract(
                path,
                '(?i)^/?(.*?/)?(wp-admin|admin|admins|administration|administrator|adminpanel|manage|management|manager|console|actuator|superuser|(?:sys|site|super|org|_)[-_]?admin|admin[-_](?:console|panel|area|center|portal|tools?|ui)|back-?office|cpanel|phpmyadmin)(/|\.|$)',
                2
            ))
        else word_template(split_part(path, '/', 2))
    end
