-- Whoever relays an outbox is told at commit that there is something to relay.

create function registry.ring() returns trigger language plpgsql as $$
begin
    perform pg_notify(tg_argv[0], '');
    return null;
end
$$;

create trigger ring after insert on registry.outbox
    for each statement execute function registry.ring('sealwatch_outbox_registry');
create trigger ring after insert on scoring.outbox
    for each statement execute function registry.ring('sealwatch_outbox_scoring');
