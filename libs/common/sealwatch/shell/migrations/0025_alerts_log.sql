-- The last record that was heard of each partition, by which a log that was made anew is told at a takeover.
alter table alerting.positions
    add column last_offset bigint,
    add column last_digest bytea,
    add constraint last_record_is_whole check ((last_offset is null) = (last_digest is null));
