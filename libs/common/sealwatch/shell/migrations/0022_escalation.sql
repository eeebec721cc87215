-- What nobody acknowledges: which office is asked, until when, and every step that was made.

-- A delivery of a later step is of the same notice, on behalf of the office that did not acknowledge.
alter table alerting.deliveries
    drop constraint deliveries_notice_id_subscription_id_key,
    add column step   smallint not null default 0 check (step >= 0),
    add column behalf text,
    add constraint later_step_has_office check ((step > 0) = (behalf is not null));
create unique index deliveries_of_a_notice on alerting.deliveries (notice_id, subscription_id, behalf, step)
    nulls not distinct where notice_id is not null;

-- One row for each office that was told of a rise to a level that must be acknowledged.
create table alerting.watches (
    notice_id       bytea not null references alerting.notices,
    organisation_id text not null,
    office          text not null,
    product_id      text not null,
    sequence        integer not null,
    level           smallint not null check (level between 0 and 4),
    told_at         timestamptz not null,
    last_at         timestamptz not null,
    next_at         timestamptz,
    ended           text check (ended in ('acknowledged', 'overtaken', 'top_was_told')),
    ended_at        timestamptz,
    primary key (notice_id, organisation_id, office),
    check ((next_at is null) = (ended is not null) and (ended is null) = (ended_at is null))
) with (fillfactor = 70);
create index watches_due on alerting.watches (next_at) where next_at is not null;

-- Rows are added, with the deliveries they make, and never touched again.
create table alerting.escalations (
    notice_id       bytea not null,
    organisation_id text not null,
    office          text not null,
    step            smallint not null check (step > 0),
    kind            text not null check (kind in ('reminder', 'escalated', 'unreachable')),
    to_office       text not null,
    made_at         timestamptz not null,
    primary key (notice_id, organisation_id, office, step),
    foreign key (notice_id, organisation_id, office) references alerting.watches
);

-- When an office first said that it has seen a notice: by a word for its whole organisation, or by what was
-- delivered to it, or on its behalf to an office above. With an answer: when it first said what was done.
create function alerting.seen_at(whose text, what bytea, by_office text, with_answer boolean default false)
    returns timestamptz
language sql stable as $$
    select min(found.at) from (
        select acknowledged_at as at, answer from alerting.acknowledgements
            where organisation_id = whose and notice_id = what
        union all
        select a.acknowledged_at, a.answer from alerting.decisions c
            join alerting.acknowledgements a on a.delivery_id = c.delivery_id
            where c.notice_id = what and c.organisation_id = whose and c.office = by_office
        union all
        select a.acknowledged_at, a.answer from alerting.deliveries d
            join alerting.acknowledgements a on a.delivery_id = d.delivery_id
            where d.notice_id = what and d.organisation_id = whose and d.behalf = by_office
    ) found where found.answer <> '' or not with_answer
$$;

alter table alerting.watches enable row level security;
alter table alerting.escalations enable row level security;
create policy own_rows on alerting.watches to sealwatch_api
    using (organisation_id = current_setting('sealwatch.organisation', true));
create policy all_rows on alerting.watches to sealwatch_alerts using (true) with check (true);
create policy own_rows on alerting.escalations to sealwatch_api
    using (organisation_id = current_setting('sealwatch.organisation', true));
create policy all_rows on alerting.escalations to sealwatch_alerts using (true) with check (true);

grant select, insert, update on alerting.watches to sealwatch_alerts;
grant select, insert on alerting.escalations to sealwatch_alerts;
grant select on alerting.watches, alerting.escalations to sealwatch_api;
