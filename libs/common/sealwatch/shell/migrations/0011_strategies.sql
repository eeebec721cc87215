-- A warning tells what is to be done under the policy that made the level, so alerts reads that version.

grant select on registry.published_policies to sealwatch_alerts;
