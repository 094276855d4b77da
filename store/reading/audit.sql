-- What `audit.duckdb` offers beside one view a dataset. No value ever enters this text.

-- Which moment of the store this file shows.
CREATE TABLE snapshot (sequence BIGINT, taken_at VARCHAR);

-- Every request of one person, oldest first:  FROM trail('srhea');
CREATE MACRO trail(who) AS TABLE
    SELECT
        event_time,
        ClientRequestMethod                                AS method,
        ClientRequestHost                                  AS host,
        coalesce(ClientRequestURI, ClientRequestPath)      AS uri,
        EdgeResponseStatus                                 AS status,
        ClientIP                                           AS ip,
        ClientCountry                                      AS country,
        user_source,
        RayID                                              AS ray_id,
        batch_id,
        line_number
    FROM http_requests
    WHERE user_id = who
    ORDER BY event_time, ray_id, batch_id, line_number;

-- Who was seen, how often and when:  FROM people();
CREATE MACRO people() AS TABLE
    SELECT
        user_id,
        count(*)         AS requests,
        min(event_time)  AS first_seen,
        max(event_time)  AS last_seen
    FROM http_requests
    WHERE user_id IS NOT NULL
    GROUP BY user_id
    ORDER BY requests DESC, user_id;
