-- An event rewrites the row of its product. No index may hold what an event moves (index, newest evidence,
-- due for publication), so that PostgreSQL writes no index entry for it (a heap-only update).

drop index scoring.product_state_by_level, scoring.product_state_to_sweep, scoring.product_state_to_age,
    scoring.product_state_to_publish, scoring.product_state_overridden;
create index product_state_of_a_partition on scoring.product_state (partition, product_id);
-- Room for another version of every row beside it: one poll may bring news of a whole page of products.
alter table scoring.product_state set (fillfactor = 50);

-- Products whose latest index others should hear of.
create table scoring.indices_due (
    product_id text primary key,
    partition  integer not null
);
insert into scoring.indices_due
select product_id, partition from scoring.product_state where publish_due_revision is not null;
alter table scoring.product_state drop column publish_due_revision;
alter table scoring.rescored_states drop column publish_due_revision;

grant select, insert, update, delete on scoring.indices_due to sealwatch_scorer;
