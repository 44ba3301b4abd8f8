-- What judging health must not forget over a restart: how often a device went away, since when a rule is bad or good, what is usual.

create table availability_changes (
  device text not null references devices (id) on update cascade on delete cascade,
  at_ms integer not null,
  was text not null check (was in ('online', 'suspect', 'offline', 'unknown')),
  became text not null check (became in ('online', 'suspect', 'offline', 'unknown')),
  primary key (device, at_ms)
) strict, without rowid;

create index availability_changes_by_time on availability_changes (at_ms);

create table device_flaps (
  device text not null primary key references devices (id) on update cascade on delete cascade,
  penalty real not null,
  at_ms integer not null,
  count integer not null
) strict, without rowid;

-- `bad` and `since_ms`: the rule's running time; `most`, `before`, `from_ms`: the most the device had in this span of time and the one before.
create table rule_memory (
  device text not null references devices (id) on update cascade on delete cascade,
  rule text not null,
  bad integer check (bad in (0, 1)),
  since_ms integer,
  most real,
  before real,
  from_ms integer,
  primary key (device, rule)
) strict, without rowid;

create index conditions_open_by_device on conditions (device, kind) where until_ms is null;
