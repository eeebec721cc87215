-- What a device measures: unit, range, factor and limits of each indicator, as intake is told of them.

alter table registry.devices
    add column indicators jsonb not null default '[]' check (jsonb_typeof(indicators) = 'array');
