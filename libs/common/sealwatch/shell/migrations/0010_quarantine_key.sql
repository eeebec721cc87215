-- The offsets of a topic that was made anew begin again. Without the time of the append, a contradiction
-- would be taken for the one that the quarantine holds from the same place of the old topic, and dropped.

alter table scoring.quarantine drop constraint quarantine_partition_offset_reason_key;
alter table scoring.quarantine
    add constraint quarantine_address unique (partition, "offset", appended, reason);
