-- What the warnings cannot read becomes a letter like what the scorer cannot: a row, and a record in the outbox
-- that the scorer relays. They may add letters and look for one by its id; all else stays the scorer's and the api's.
grant usage on schema scoring to sealwatch_alerts;
grant insert on scoring.dead_letters to sealwatch_alerts;
grant select (letter_id) on scoring.dead_letters to sealwatch_alerts;
grant insert on scoring.outbox to sealwatch_alerts;
create policy rows_of_alerts on scoring.dead_letters to sealwatch_alerts using (true) with check (true);
