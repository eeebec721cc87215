-- Which events somebody took back, for scoring anew: few, and known before the first event is walked.
create index events_taken_back on scoring.events (partition) include (uid, product_id) where retracted_by is not null;
create index events_kept_taken_back on scoring.events_kept (partition) include (uid, product_id)
    where retracted_by is not null;
