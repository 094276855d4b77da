-- The template of a path of a host: by the lines of RAYTRAIL_PATH_TEMPLATES, else path_template().
-- The template of a template is the template itself. host_key is a host_name().
create macro host_path_template(host_key, path) as
    coalesce(configured_template(host_key, path), path_template(path))
