-- Applications that people logged in to, each with the times in which its logins lie close together.
--
-- A refused login counts: its application asked for it. GraphQL does not tell the domain.
--
-- Parameters: $since, $until, $listed_since, $listed_until (NULL where there is no list)
-- Columns:    application, app_uuid, is_before_list, is_after_list, first_login, last_login
from application_spells($since, $until, $listed_since, $listed_until)
order by application, app_uuid, first_login
