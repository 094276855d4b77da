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
    ORDER BY event_time, ray_id, batch_id, line_number
