-- A number that moves with every change of who is told and by which rules: whoever remembers them reads it alone.

create table registry.audience_version (
    one     boolean primary key default true check (one),
    version bigint not null
);
insert into registry.audience_version (version) values (1);

-- Its rights are those of its owner: nobody else moves the number.
create function registry.move_audience() returns trigger language plpgsql security definer
    set search_path = pg_catalog as $$
begin
    update registry.audience_version set version = version + 1;
    return null;
end
$$;
revoke all on function registry.move_audience() from public;

create trigger move_audience after insert or update or delete on registry.subscriptions
    for each statement execute function registry.move_audience();
create trigger move_audience after insert or update or delete on registry.silences
    for each statement execute function registry.move_audience();
create trigger move_audience after insert or update or delete on registry.routing_rules
    for each statement execute function registry.move_audience();

grant select on registry.audience_version to sealwatch_alerts;
