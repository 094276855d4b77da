-- How many days before the end of the period habits are known of at most: a year and a month, so that
-- what a person does once a year is no news.
create macro rules.habit_days() as interval 400 day
