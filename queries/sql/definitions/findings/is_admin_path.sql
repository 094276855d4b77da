-- Whether a path belongs to the administration of an application, by a word in it.
create macro rules.is_admin_path(path) as
    regexp_matches(
        path,
        '(?i)/(wp-admin|admin|admins|administration|administrator|adminpanel|manage|management|manager|console|actuator|superuser|(?:sys|site|super|org|_)[-_]?admin|admin[-_](?:console|panel|area|center|portal|tools?|ui)|back-?office|cpanel|phpmyadmin)(/|\.|$)'
    )
