-- Whether a path belongs to the administration of an application, by a word in it.
create macro rules.is_admin_path(path) as
    regexp_matches(
        path,
        '(?i)/(wp-admin|admin|admins|administration|administrator|adminpanel|manage|management|manager|console|actuator|superuser|sysadmin|phpmyadmin)(/|\.|$)'
    )
