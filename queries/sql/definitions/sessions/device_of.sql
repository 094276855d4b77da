-- What stands for a person's device: the user agent without its version numbers, which change with
-- every update. Two devices of one model and browser are one; an empty user agent is one of its own.
create macro device_of(user_agent) as
    regexp_replace(coalesce(user_agent, ''), '([/: ])v?[0-9][0-9A-Za-z._+-]*', '\1', 'g')
