-- Incidents say what they are about and who else is in them; what devices depend on; what is planned to be dark.

alter table incidents add column kind text not null default 'other';

alter table incidents add column scope text not null default '';

alter table incidents add column cause_class text not null default 'configuration'
  check (cause_class in ('hardware', 'software', 'network', 'power', 'cloud', 'configuration'));

alter table incidents add column severity text not null default 'warning' check (severity in ('info', 'warning', 'error', 'critical'));

alter table incidents add column title text not null default '';

alter table incidents add column why text not null default '';

alter table incidents add column advice text not null default '';

alter table incidents add column state text not null default 'open' check (state in ('open', 'ended', 'partOf'));

-- The incident it went into, where its state is partOf.
alter table incidents add column parent integer;

alter table incidents add column service text;

alter table incidents add column affected integer not null default 0;

alter table incidents add column total integer not null default 0;

alter table incidents add column reopened integer not null default 0;

alter table incidents add column revision integer not null default 1;

alter table incidents add column told_ms integer not null default 0;

alter table incidents add column told_affected integer not null default 0;

update incidents set state = 'ended' where until_ms is not null;

create index incidents_ended on incidents (until_ms) where until_ms is not null;

-- What a device depends on, as it said itself last.
create table services (
  device text not null references devices (id) on update cascade on delete cascade,
  role text not null check (role in ('sip', 'app', 'provisioning', 'dhcp')),
  name text not null,
  at_ms integer not null,
  primary key (device, role, name)
) strict, without rowid;

-- When a possible parent was last looked at for somebody else's sake, and what came of it. A row too few is one question more.
create table looks (
  device text not null primary key,
  at_ms integer not null,
  outcome text not null check (outcome in ('answers', 'silent', 'unaskable'))
) strict, without rowid;

-- Ports of switches as they were at the last such look.
create table switch_ports (
  switch_address text not null,
  port text not null,
  is_up integer not null check (is_up in (0, 1)),
  power text not null check (power in ('delivering', 'searching', 'off', 'fault', 'unknown')),
  at_ms integer not null,
  primary key (switch_address, port)
) strict, without rowid;

create table maintenances (
  id integer primary key autoincrement,
  scope_kind text not null check (scope_kind in ('site', 'switch', 'room', 'device')),
  scope text not null,
  from_ms integer not null,
  until_ms integer not null,
  ended_ms integer,
  reason text not null,
  actor text not null
) strict;

create index maintenances_by_end on maintenances (until_ms);
