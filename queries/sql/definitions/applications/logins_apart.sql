-- How far apart two logins may be for their application to be known in between: the longest session
-- that there is, so that the one of the first may last until the second.
create macro logins_apart() as interval 31 days
