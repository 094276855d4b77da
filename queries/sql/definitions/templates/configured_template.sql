-- The template of the first line of RAYTRAIL_PATH_TEMPLATES that fits; NULL if none does.
-- This file stands for no lines: queries/path_templates.py puts them in the place of NULL below.
create macro configured_template(host_key, path) as (null::varchar)
