-- All users, the number of their requests, and when:  FROM people();
CREATE MACRO people() AS TABLE
    SELECT
        user_id,
        count(*)         AS requests,
        min(event_time)  AS first_seen,
        max(event_time)  AS last_seen
    FROM http_requests
    WHERE user_id IS NOT NULL
    GROUP BY user_id
    ORDER BY requests DESC, user_id
