-- How long the offices of an organisation have to acknowledge, level by level; the usual spans where no row is.

create table registry.escalation_rules (
    organisation_id text not null references registry.organisations,
    level           smallint not null check (level between 3 and 4), -- High and Serious: a duty, so never none
    remind_seconds  integer not null check (remind_seconds between 60 and 604800),
    climb_seconds   integer not null check (climb_seconds between 60 and 604800),
    recorded_at     timestamptz not null,
    recorded_by     text not null,
    primary key (organisation_id, level)
);
alter table registry.escalation_rules enable row level security;
create policy own_rows on registry.escalation_rules to sealwatch_api
    using (organisation_id = current_setting('sealwatch.organisation', true));
create policy all_rows on registry.escalation_rules to sealwatch_alerts using (true);
grant select, insert, update on registry.escalation_rules to sealwatch_api;
grant select on registry.escalation_rules to sealwatch_alerts;

-- New spans hold for chains that run: whoever sets them lets all of them be looked at again.
grant update (next_at) on alerting.watches to sealwatch_api;
create index watches_running on alerting.watches (organisation_id) where next_at is not null;
