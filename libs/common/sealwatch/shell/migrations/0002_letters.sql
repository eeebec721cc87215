-- Dead letters as rows beside the topic, and an end for what was set aside. Rows never block scoring.

-- A letter is named by where its record stood and when it was appended: reading it again writes nothing,
-- and the same address in a topic that was made anew is another letter.
create table scoring.dead_letters (
    letter_id     bytea primary key check (length(letter_id) = 16),
    topic         text not null,
    partition     integer not null,
    "offset"      bigint not null,
    appended      timestamptz not null,
    key           bytea,
    headers       bytea not null,
    body          bytea,
    size          bigint not null check (size >= 0),
    error_class   text not null,
    reason        text not null,
    uid           bytea check (length(uid) = 16),
    organisation  text,
    source        text,
    state         text not null default 'open' check (state in ('open', 'replayed', 'dismissed')),
    resolved_at   timestamptz,
    resolved_by   text,
    note          text,
    repaired_body bytea,
    replay_uid    bytea check (length(replay_uid) = 16),
    check ((state = 'open') = (resolved_at is null)),
    check ((state = 'open') = (resolved_by is null)),
    check ((state = 'replayed') = (replay_uid is not null)),
    check (repaired_body is null or state = 'replayed')
);
create index dead_letters_by_time on scoring.dead_letters (appended, partition, "offset");
create index dead_letters_of_an_organisation
    on scoring.dead_letters (organisation, appended, partition, "offset");
create index dead_letters_open on scoring.dead_letters (appended, partition, "offset") where state = 'open';

alter table scoring.quarantine
    add column state       text not null default 'open' check (state in ('open', 'dismissed')),
    add column resolved_at timestamptz,
    add column resolved_by text,
    add column note        text,
    add constraint quarantine_resolved check ((state = 'open') = (resolved_at is null)),
    add constraint quarantine_resolver check ((state = 'open') = (resolved_by is null));
create index quarantine_of_an_organisation on scoring.quarantine (organisation, quarantine_id);

-- Organisations see their own. Whoever looks after the whole centre says so per transaction, beside the
-- organisation: set_config('sealwatch.letters', 'all', true). A record that names no organisation is
-- seen in no other way.
alter table scoring.dead_letters enable row level security;
alter table scoring.quarantine enable row level security;
create policy own_rows on scoring.dead_letters to sealwatch_api
    using (organisation = current_setting('sealwatch.organisation', true)
           or current_setting('sealwatch.letters', true) = 'all');
create policy own_rows on scoring.quarantine to sealwatch_api
    using (organisation = current_setting('sealwatch.organisation', true)
           or current_setting('sealwatch.letters', true) = 'all');
create policy all_rows on scoring.dead_letters to sealwatch_scorer using (true) with check (true);
create policy all_rows on scoring.quarantine to sealwatch_scorer using (true) with check (true);

-- The api settles what became of a letter; what arrived it can only read.
grant select, insert on scoring.dead_letters to sealwatch_scorer;
grant select, update (state, resolved_at, resolved_by, note, repaired_body, replay_uid)
    on scoring.dead_letters to sealwatch_api;
grant update (state, resolved_at, resolved_by, note) on scoring.quarantine to sealwatch_api;
