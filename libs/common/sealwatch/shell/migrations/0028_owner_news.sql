-- Owners of endpoints are told by e-mail: one letter gathers what an address is to hear, and keeps its id.

-- `letter_id` is set when the letter is begun; `next_attempt_at` while it is to be tried; `failed` says why the
-- last attempt was none. Without both, and without `told_at`, it was given up.
alter table alerting.owner_news
    add column letter_id       bytea check (length(letter_id) = 16),
    add column failures        integer not null default 0 check (failures >= 0),
    add column next_attempt_at timestamptz,
    add column failed          text check (length(failed) <= 1000),
    add constraint tried_as_a_letter check (next_attempt_at is null or (letter_id is not null and told_at is null));
create index owner_news_due on alerting.owner_news (next_attempt_at) where next_attempt_at is not null;
create index owner_news_of_a_letter on alerting.owner_news (letter_id) where letter_id is not null;

create or replace view registry.endpoint_owners as
    select subscription_id, organisation_id, contact, department, language, url from registry.subscriptions;
