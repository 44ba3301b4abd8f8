-- Identity: what is in conflict, what a person decided, places apart from the hardware that serves in them, the inbox.

alter table devices add column ignored_at_ms integer;

alter table devices add column retired_at_ms integer;

alter table devices add column decided_by text check (decided_by in ('policy', 'person'));

-- Who was in our care before there was an inbox stays there, whatever its rules say.
update devices set decided_by = 'person' where adopted = 1;

create index facts_by_serial on facts (upper(replace(replace(replace(replace(value, '-', ''), ' ', ''), ':', ''), '.', '')))
  where field = 'serial';

create table conflicts (
  id text not null primary key,
  kind text not null check (kind in ('serial', 'mac', 'address', 'twoAddresses')),
  value text not null,
  sides text not null,
  since_ms integer not null,
  seen_ms integer not null,
  until_ms integer,
  ended text check (ended in ('gone', 'decided')),
  check ((until_ms is null) = (ended is null))
) strict, without rowid;

create index conflicts_open on conflicts (since_ms) where until_ms is null;

create table conflict_devices (
  conflict text not null references conflicts (id) on delete cascade,
  device text not null references devices (id) on update cascade on delete cascade,
  primary key (conflict, device)
) strict, without rowid;

create index conflict_devices_by_device on conflict_devices (device);

-- No foreign keys: `other` of a merge is a name that no row has any more.
create table decisions (
  seq integer primary key,
  id text not null unique,
  kind text not null check (kind in ('merge', 'split')),
  keeps text not null,
  other text not null,
  by_field text check (by_field in ('mac', 'serial', 'address')),
  by_value text,
  at_ms integer not null,
  actor text not null,
  undone_at_ms integer,
  kept text not null
) strict;

create index decisions_by_keeps on decisions (keeps) where undone_at_ms is null;

create index decisions_by_other on decisions (other) where undone_at_ms is null;

create table places_now (
  id text not null primary key,
  name text not null,
  mac text unique,
  settings_mac text unique,
  room text,
  floor text,
  zone text,
  ring text,
  expected_lines integer,
  duties text not null
) strict, without rowid;

insert into places_now (id, name, mac, settings_mac, room, floor, zone, duties)
  select 'p-' || mac, name, mac, mac, room, floor, zone, duties from places;

drop table places;

alter table places_now rename to places;

-- Which hardware served where, from when to when.
create table tenures (
  place text not null references places (id) on delete cascade,
  mac text not null,
  from_ms integer not null,
  until_ms integer,
  why text not null,
  primary key (place, mac, from_ms)
) strict, without rowid;

create index tenures_by_mac on tenures (mac);
