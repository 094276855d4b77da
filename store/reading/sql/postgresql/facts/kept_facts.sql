-- What is kept of the users of these files, packed: see store/catalog/users/packed_facts.py.
--
-- Parameters: :files (a JSON list of their `users_number`)
-- Columns:    file, name, habits, takings
SELECT user_facts.file, user_names.name, user_facts.habits, user_facts.takings
FROM user_facts
JOIN user_names ON user_names.who = user_facts.who
WHERE user_facts.file IN (SELECT CAST(value AS bigint) FROM json_array_elements_text(CAST(:files AS json)))
ORDER BY user_facts.file, user_names.name
