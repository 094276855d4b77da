-- Every record that has a Ray ID or names it, of any dataset, oldest first.
--
-- The Ray ID stands on the page of a refusal and in the header CF-Ray; a data centre behind it (`-LHR`)
-- is left out. `named_in` is the column that has it: RayID, ParentRayID (a request that this one caused),
-- OriginatorRayID (the answer to a challenge of this one), extra (a dataset without columns of its own) or
-- line (a rejected one); these four are searched in the hour before and after the requests with the Ray ID,
-- if there are any. A whole record is found by its dataset, `batch_id` and `line_number`; explain() tells
-- what the records say about the request.
--
-- Example: from ray('8f0e1d2c3b4a5968-LHR')
create macro ray(of_ray) as table
from ray_records(of_ray)
order by event_time nulls last, dataset, batch_id, line_number
