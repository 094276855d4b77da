-- Login names and request names that are one person's.
SELECT login_name, request_name, agreeing, against, addresses, first_login, last_login
FROM inferred_names
ORDER BY login_name, request_name
