-- Kilometres between two places on the globe, each by latitude and longitude in degrees.
create macro rules.distance_km(latitude, longitude, other_latitude, other_longitude) as
    2 * 6371 * asin(sqrt(least(1.0,
        power(sin(radians(other_latitude - latitude) / 2), 2)
        + cos(radians(latitude)) * cos(radians(other_latitude))
            * power(sin(radians(other_longitude - longitude) / 2), 2)
    )))
