-- The shipped policy that a database goes by until a version is published. Another release may ship another
-- one, whose sums would be of another kind than those that are there: so a database keeps its own.
create table registry.first_policy (
    only_one boolean primary key default true check (only_one),
    version  text not null
);
insert into registry.first_policy (version)
select case
    when exists (select from scoring.positions) or exists (select from registry.policies) then '2026.1'
    else '2026.2'
end;
grant select on registry.first_policy to sealwatch_scorer, sealwatch_api;
