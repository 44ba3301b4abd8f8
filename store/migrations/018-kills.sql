-- The kill switch: each scope that is on. History is in the audit.

create table kills (
  scope text primary key,
  kind text not null,
  name text not null,
  person text not null,
  key_id text not null,
  reason text not null,
  since_ms integer not null
) strict;
