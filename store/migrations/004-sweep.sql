-- Sweeps that were begun, and how far they came: one that has no end is gone on with after a restart.

create table sweeps (
  id text not null primary key,
  networks text not null,
  exclude text not null,
  seed integer not null,
  light integer not null check (light in (0, 1)),
  position integer not null,
  waiting text not null,
  found integer not null,
  spared integer not null,
  by_family text not null,
  started_at_ms integer not null,
  ended_at_ms integer,
  how text check (how in ('done', 'cancelled', 'dropped'))
) strict, without rowid;

create index sweeps_by_start on sweeps (started_at_ms);

create index facts_told_version on facts (at_ms, device) where field = 'running' and source = 'device';
