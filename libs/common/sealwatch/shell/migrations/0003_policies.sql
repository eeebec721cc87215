-- Policy versions: drafted by one, published by another, and never changed after that.

create table registry.policies (
    version        text primary key check (version ~ '^[A-Za-z0-9._-]{1,64}$'),
    document       jsonb not null,
    digest         text not null check (digest ~ '^[0-9a-f]{64}$'),
    effective_from date not null,
    author         text not null,
    created_at     timestamptz not null,
    state          text not null default 'draft' check (state in ('draft', 'published', 'withdrawn')),
    published_by   text,
    published_at   timestamptz,
    publication    integer unique check (publication > 0),
    check (document ->> 'version' = version),
    check (document ->> 'effective_from' = to_char(effective_from, 'YYYY-MM-DD')),
    check (published_by <> author),
    check ((state = 'published') = (published_by is not null)
           and (state = 'published') = (published_at is not null)
           and (state = 'published') = (publication is not null)),
    -- An hour before its first day at least, so that no partition can have been swept into that day.
    constraint published_in_time
        check (effective_from::timestamp at time zone 'UTC' >= published_at + interval '1 hour')
);
create index policies_by_time on registry.policies (created_at, version);

-- Who did what with which version; rows are added and never touched again.
create table registry.policy_actions (
    action_id bigint generated always as identity primary key,
    version   text not null references registry.policies,
    action    text not null check (action in ('drafted', 'published', 'withdrawn')),
    digest    text not null,
    acted_by  text not null,
    key_id    text not null,
    acted_at  timestamptz not null,
    note      text not null default '' check (length(note) <= 300)
);
create index policy_actions_of_a_version on registry.policy_actions (version, action_id);

-- Grants alone would not hold the owner of the schema back.
create function registry.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'integrity_constraint_violation';
end $$;

create function registry.keep_policy() returns trigger language plpgsql as $$
begin
    if old.state <> 'draft' then
        raise exception 'policy % is %: it never changes', old.version, old.state
            using errcode = 'integrity_constraint_violation';
    end if;
    if (new.version, new.document, new.digest, new.effective_from, new.author, new.created_at)
       is distinct from
       (old.version, old.document, old.digest, old.effective_from, old.author, old.created_at) then
        raise exception 'policy %: a draft is published or withdrawn as it stands', old.version
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;

create trigger keep_policy before update on registry.policies
    for each row execute function registry.keep_policy();
create trigger keep_policies before delete on registry.policies
    for each row execute function registry.refuse_change();
create trigger keep_all_policies before truncate on registry.policies
    for each statement execute function registry.refuse_change();
create trigger keep_action before update or delete on registry.policy_actions
    for each row execute function registry.refuse_change();
create trigger keep_all_actions before truncate on registry.policy_actions
    for each statement execute function registry.refuse_change();

create view registry.published_policies as
    select version, document, digest, effective_from, publication
    from registry.policies
    where state = 'published';

grant select, insert on registry.policies, registry.policy_actions to sealwatch_api;
grant update (state, published_by, published_at, publication) on registry.policies to sealwatch_api;
grant usage on schema registry to sealwatch_scorer;
grant select on registry.published_policies to sealwatch_scorer, sealwatch_api;
