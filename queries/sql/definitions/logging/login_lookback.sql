-- How long before the period of a question `sign_ins` begin: the longest session of an application is
-- 31 days, and some days more tell whether logins were logged at its beginning.
create macro rules.login_lookback() as interval 35 day
