-- On which days each name was active.
select user_id, day from habits where kind = 'active'
