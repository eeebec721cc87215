-- Silent for longer than the policy allows: shown with the last level, never as low risk.

alter table scoring.product_state add column stale boolean not null default false;
create index product_state_to_age on scoring.product_state (partition, newest_evidence_at) where not stale;
