-- How long browsers keep a page that they fetched ahead.
create macro prefetch_life() as interval 5 minutes
