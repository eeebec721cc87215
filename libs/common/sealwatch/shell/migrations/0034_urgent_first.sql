-- An endpoint's deliveries at the top level are found before its backlog, however long that is.

create index deliveries_in_turn on alerting.deliveries (subscription_id, urgent desc, next_attempt_at)
    where state = 'pending';
drop index alerting.deliveries_of_an_endpoint;
