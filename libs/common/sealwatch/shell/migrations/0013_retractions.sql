-- Early retractions of one event that name different products stand side by side: the one of its own product
-- takes it back, the others go to quarantine once it arrives, so all that quarantine shows is kept with them.

alter table scoring.tombstones
    add column partition    integer,
    add column "offset"     bigint,
    add column headers      bytea,
    add column body         bytea,
    drop constraint tombstones_pkey;
update scoring.tombstones t
set partition = e.partition, "offset" = e."offset", headers = e.headers, body = e.body
from scoring.seen s
join scoring.events e
    on e.appended = s.appended and e.partition = s.partition and e."offset" = s."offset"
where s.uid = t.retracted_by;
alter table scoring.tombstones add primary key (uid, product_id, retracted_by);

-- What a retraction can take away and no subtraction gives back: 0 nothing (or it is taken back already),
-- 1 evidence, a newest time; 2 a passed, 3 a failed check of a compulsory standard. At least as much as the
-- event says, so what was stored before this column counts as 3 and is looked into.
alter table scoring.events add column bears smallint not null default 3;
alter table scoring.events_kept add column bears smallint not null default 3;

-- Not one index more than before: a row is found by product as ever, and what holds a maximum by one descent.
drop index scoring.events_of_a_product;
create index events_of_a_product on scoring.events (product_id, bears, occurred_at);
drop index scoring.events_kept_of_a_product;
create index events_kept_of_a_product on scoring.events_kept (product_id, bears, occurred_at);
