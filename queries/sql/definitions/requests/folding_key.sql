-- What `folded_into` names a request by: its Ray ID, or its batch and line without one.
create macro folding_key(ray_id, batch_id, line_number) as
    coalesce(nullif(nullif(ray_id, ''), '00'), batch_id || ':' || line_number)
