-- Low ends by waiting only where nothing but opinion holds it: sweeps look at such rows too. In no index, as
-- events move it. Rows of an earlier release do not know, and are looked at until they are next written.

alter table scoring.product_state add column opinion_only boolean;
alter table scoring.rescored_states add column opinion_only boolean;
