-- Every question that an address was asked, by whichever organisation: a stranger who never asked for warnings
-- is not to be flooded with questions whether they want them.
create table alerting.questions (
    question_id bytea primary key check (length(question_id) = 16),
    mailbox_id  bytea not null references alerting.mailboxes,
    address     text not null check (address = lower(address)),
    asked_at    timestamptz not null
);
create index questions_to_an_address on alerting.questions (address, asked_at);
create index questions_of_a_mailbox on alerting.questions (mailbox_id, asked_at);
insert into alerting.questions
    select question_id, mailbox_id, lower(address), asked_at from alerting.mailboxes where asked_at is not null;

-- From when on an address may be asked again: an hour after an organisation's last question to it, and
-- three times in 24 hours by all organisations together; numbers are ours. Null where nobody asked it yet.
create function alerting.may_be_asked_at(box bytea) returns timestamptz
language sql stable security definer set search_path = pg_catalog as $$
    select greatest(
        (select max(q.asked_at) + interval '1 hour' from alerting.questions q where q.mailbox_id = m.mailbox_id),
        (select q.asked_at + interval '24 hours' from alerting.questions q where q.address = lower(m.address)
         order by q.asked_at desc offset 2 limit 1)
    )
    from alerting.mailboxes m where m.mailbox_id = box
$$;

alter table alerting.questions enable row level security; -- the api sees none of them, only the instant above
create policy all_rows on alerting.questions to sealwatch_alerts using (true) with check (true);
grant select, insert on alerting.questions to sealwatch_alerts;
revoke execute on function alerting.may_be_asked_at from public;
grant execute on function alerting.may_be_asked_at to sealwatch_api, sealwatch_alerts;

-- What an action asks for, each organisation answers for itself: that one has done it says nothing of another.
create table alerting.action_answers (
    action_id       bytea not null references alerting.actions,
    organisation_id text not null,
    done_at         timestamptz not null,
    done_by         text not null,
    follow_up       text not null check (length(follow_up) between 1 and 2000),
    primary key (action_id, organisation_id)
);
insert into alerting.action_answers
    select a.action_id, coalesce((
        select d.organisation_id from registry.audit d
        where d.action = 'action.done' and d.subject = encode(a.action_id, 'hex') order by d.audit_id limit 1
    ), split_part(a.done_by, '/', 1)), a.done_at, a.done_by, a.follow_up
    from alerting.actions a where a.done_at is not null;
alter table alerting.actions drop column done_at, drop column done_by, drop column follow_up;

alter table alerting.action_answers enable row level security;
create policy own_rows on alerting.action_answers to sealwatch_api
    using (organisation_id = current_setting('sealwatch.organisation', true));
create policy those_of_all on alerting.action_answers for select to sealwatch_api -- set for a key of the centre
    using (current_setting('sealwatch.actions', true) = 'all');
create policy all_rows on alerting.action_answers to sealwatch_alerts using (true) with check (true);
grant select, insert on alerting.action_answers to sealwatch_api;
grant select on alerting.action_answers to sealwatch_alerts;
