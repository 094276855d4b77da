-- Which state of the store `raytrail sql` shows, and how old it is. Nothing was published for it.
create view snapshot as
select
    sequence,
    taken_at,
    make_timestamp(epoch_us(now())) - make_timestamp(epoch_us(taken_at)) as age,
    null::varchar                                                        as published_as
from shape.snapshot
