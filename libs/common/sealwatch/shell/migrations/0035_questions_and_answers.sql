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
