-- E-mail: addresses that said yes, what came back, and who acknowledged.

-- An address as one organisation uses it. Nothing but the question is sent to it before it says yes.
create table alerting.mailboxes (
    mailbox_id       bytea primary key check (length(mailbox_id) = 16),
    question_id      bytea not null unique check (length(question_id) = 16), -- another one each time it is asked
    organisation_id  text not null,
    address          text not null check (length(address) between 3 and 254),
    department       text not null,
    language         text not null check (language in ('en', 'zh')),
    created_at       timestamptz not null,
    failures         integer not null default 0 check (failures >= 0),
    next_attempt_at  timestamptz,
    asked_at         timestamptz,
    asking_failed    text,
    confirmed_at     timestamptz,
    sent_at          timestamptz[] not null default '{}', -- of late, for its pace
    suspended_at     timestamptz,
    suspended_reason text,
    unique (organisation_id, address),
    check ((suspended_at is null) = (suspended_reason is null))
);
create index mailboxes_to_ask on alerting.mailboxes (next_attempt_at) where next_attempt_at is not null;
create index mailboxes_by_address on alerting.mailboxes (address);

-- What a mail server would not take, at once (smtp) or later (report). `hard` ones are about the address.
create table alerting.bounces (
    mailbox_id  bytea not null references alerting.mailboxes,
    subject_id  bytea not null check (length(subject_id) = 16),
    heard_by    text not null check (heard_by in ('smtp', 'report')),
    hard        boolean not null,
    detail      text not null check (length(detail) <= 1000),
    reported_at timestamptz not null,
    primary key (mailbox_id, subject_id, heard_by)
);
create index bounces_by_time on alerting.bounces (mailbox_id, reported_at);

-- Subscriptions whose digests a reader has stopped; single warnings go on, since they are a duty.
create table alerting.digest_leavers (
    subscription_id bytea primary key check (length(subscription_id) = 16),
    organisation_id text not null,
    left_at         timestamptz not null
);

-- Who says that a notice was seen, and what was done about it; rows are added and never touched again.
create table alerting.acknowledgements (
    acknowledgement_id bytea primary key check (length(acknowledgement_id) = 16),
    organisation_id    text not null,
    notice_id          bytea references alerting.notices,
    delivery_id        bytea references alerting.deliveries,
    who                text not null check (length(who) between 1 and 300),
    via                text not null check (via in ('link', 'api', 'webhook')),
    answer             text not null default '' check (length(answer) <= 2000),
    acknowledged_at    timestamptz not null,
    check (notice_id is not null or delivery_id is not null)
);
create index acknowledgements_of_a_delivery on alerting.acknowledgements (delivery_id, acknowledged_at);
create index acknowledgements_of_a_notice on alerting.acknowledgements (notice_id, acknowledged_at);
create trigger keep_acknowledgement before update or delete on alerting.acknowledgements
    for each row execute function registry.refuse_change();

-- ---------------------------------------------------------------- one way to count a bounce, for both services

create function alerting.record_bounce(
    box bytea, subject bytea, heard text, is_hard boolean, said text, at timestamptz
) returns boolean language plpgsql as $$
declare
    hard_ones integer;
begin
    perform 1 from alerting.mailboxes where mailbox_id = box for update;
    if not found then
        return false;
    end if;
    insert into alerting.bounces values (box, subject, heard, is_hard, left(said, 1000), at)
        on conflict do nothing;
    select count(distinct b.subject_id) into hard_ones
        from alerting.bounces b join alerting.mailboxes m using (mailbox_id)
        where m.mailbox_id = box and b.hard and b.reported_at >= coalesce(m.confirmed_at, m.created_at);
    update alerting.mailboxes set suspended_at = at, suspended_reason = 'three hard bounces'
        where mailbox_id = box and suspended_at is null and hard_ones >= 3;
    return found;
end
$$;

-- Whose a signed link is: asked before any organisation is known, and answers nothing else.
create function alerting.owner_of_link(purpose integer, subject bytea) returns text
language sql stable security definer set search_path = pg_catalog as $$
    select organisation_id from alerting.deliveries where purpose = 1 and delivery_id = subject
    union all
    select organisation_id from alerting.mailboxes where purpose = 2 and mailbox_id = subject
    union all
    select organisation_id from registry.subscriptions
        where purpose = 3 and subscription_id = subject and deleted_at is null
$$;

-- Whose mailbox a letter went to: a report of a mail server names the letter and nothing else.
create function alerting.mailbox_of_letter(letter bytea) returns bytea
language sql stable security definer set search_path = pg_catalog as $$
    select m.mailbox_id
        from alerting.deliveries d
        join registry.subscriptions s on s.subscription_id = d.subscription_id
        join alerting.mailboxes m on m.organisation_id = s.organisation_id and m.address = s.address
        where d.delivery_id = letter
    union all
    select mailbox_id from alerting.mailboxes where question_id = letter
$$;

create view registry.product_names as select product_id, name from registry.products;
create view registry.organisation_names as select organisation_id, name from registry.organisations;

-- ---------------------------------------------------------------- organisations see their own rows

alter table alerting.mailboxes enable row level security;
alter table alerting.bounces enable row level security;
alter table alerting.digest_leavers enable row level security;
alter table alerting.acknowledgements enable row level security;

create policy own_rows on alerting.mailboxes to sealwatch_api
    using (organisation_id = current_setting('sealwatch.organisation', true));
create policy all_rows on alerting.mailboxes to sealwatch_alerts using (true) with check (true);
create policy own_rows on alerting.bounces to sealwatch_api -- those of the mailboxes that it sees
    using (exists (select from alerting.mailboxes m where m.mailbox_id = bounces.mailbox_id));
create policy all_rows on alerting.bounces to sealwatch_alerts using (true) with check (true);
create policy own_rows on alerting.digest_leavers to sealwatch_api
    using (organisation_id = current_setting('sealwatch.organisation', true));
create policy all_rows on alerting.digest_leavers to sealwatch_alerts using (true) with check (true);
create policy own_rows on alerting.acknowledgements to sealwatch_api
    using (organisation_id = current_setting('sealwatch.organisation', true));
create policy all_rows on alerting.acknowledgements to sealwatch_alerts using (true) with check (true);

-- ---------------------------------------------------------------- who may do what

grant select, insert, update on alerting.mailboxes to sealwatch_alerts;
grant select, insert on alerting.bounces, alerting.acknowledgements to sealwatch_alerts;
grant select on alerting.digest_leavers, registry.product_names, registry.organisation_names to sealwatch_alerts;
grant select on alerting.mailboxes, alerting.bounces to sealwatch_api;
grant update (confirmed_at, suspended_at, suspended_reason, next_attempt_at, failures, asked_at, asking_failed,
    question_id)
    on alerting.mailboxes to sealwatch_api;
grant insert on alerting.bounces to sealwatch_api;
grant select, insert on alerting.digest_leavers, alerting.acknowledgements to sealwatch_api;
revoke execute on function alerting.owner_of_link, alerting.mailbox_of_letter from public;
grant execute on function alerting.owner_of_link, alerting.mailbox_of_letter to sealwatch_api;
