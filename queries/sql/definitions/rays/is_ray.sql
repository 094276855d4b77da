-- Whether a column has a Ray ID, in either letter case. The column stands alone on its side, so that
-- files and row groups without the Ray ID are skipped by their bloom filters.
create macro is_ray(logged, id) as logged in (ray_key(id), upper(ray_key(id)))
