-- One login for each service that works in the database: it may act as its own role and as no other.
-- For psql, in Sealwatch's database, by the user that `sealwatch migrate` will use (a role granted by one user
-- cannot be granted on by another). Safe to repeat: that is how a password is changed.

\set ON_ERROR_STOP on
\getenv api_password API_DB_PASSWORD
\getenv scorer_password SCORER_DB_PASSWORD
\getenv alerts_password ALERTS_DB_PASSWORD

select format('create role %I nologin', role)
from unnest(array['sealwatch_api', 'sealwatch_scorer', 'sealwatch_alerts']) as wanted (role)
where not exists (select from pg_roles where rolname = role) \gexec

select format('create role %I login noinherit', login)
from unnest(array['api_login', 'scorer_login', 'alerts_login']) as wanted (login)
where not exists (select from pg_roles where rolname = login) \gexec

alter role api_login password :'api_password';
alter role scorer_login password :'scorer_password';
alter role alerts_login password :'alerts_password';

grant sealwatch_api to api_login;
grant sealwatch_scorer to scorer_login;
grant sealwatch_alerts to alerts_login;
