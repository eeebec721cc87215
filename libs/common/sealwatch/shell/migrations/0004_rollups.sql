-- Sums of many products, kept a partition and a severity, added up when read: no row is hot.
-- Enterprises are added up from the rows of their products instead, since these are few.

create table scoring.rollups (
    dimension      text not null check (dimension in ('category', 'region', 'technology')),
    value          text not null,
    severity_class smallint not null check (severity_class between 1 and 4),
    partition      integer not null,
    state          bytea not null,
    products       bigint not null check (products >= 0),
    primary key (dimension, value, severity_class, partition)
) with (fillfactor = 50);

alter table scoring.product_state add column technology text;
alter table scoring.product_state
    drop column index_p05, drop column index_p50, drop column index_p95;
create index product_state_of_an_enterprise on scoring.product_state (enterprise_id)
    where enterprise_id is not null;

grant select, insert, update, delete on scoring.rollups to sealwatch_scorer;
grant select on scoring.rollups to sealwatch_api;
