-- How long before the period of a question `acts` and `events` begin: a rule about what came before
-- (a logout, a login, another place) needs it. No rule looks back further, except by habits.
create macro rules.lookback() as interval 1 day
