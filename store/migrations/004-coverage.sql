-- Who is under contract: the lists of entitlements as they were taken in, what was decided of each device, what was told.

create table entitlement_imports (
  id integer primary key,
  source text not null check (source in ('csv', 'lens', 'portal')),
  at_ms integer not null,
  actor text not null,
  name text not null,
  listed integer not null,
  added integer not null,
  changed integer not null,
  removed integer not null
) strict;

create index entitlement_imports_by_source on entitlement_imports (source, id);

create table entitlements (
  source text not null check (source in ('csv', 'lens', 'portal')),
  key text not null,
  doc text not null,
  primary key (source, key)
) strict, without rowid;

create table entitlement_changes (
  seq integer primary key,
  import integer not null references entitlement_imports (id) on delete cascade,
  key text not null,
  was text,
  becomes text
) strict;

create index entitlement_changes_by_import on entitlement_changes (import, seq);

create table coverage (
  device text not null primary key references devices (id) on update cascade on delete cascade,
  state text not null check (state in ('covered', 'expiring', 'lapsed', 'notCovered', 'unknown')),
  since_ms integer not null,
  doc text not null
) strict, without rowid;

create table coverage_history (
  seq integer primary key,
  device text not null references devices (id) on update cascade on delete cascade,
  state text not null,
  at_ms integer not null,
  doc text not null
) strict;

create index coverage_history_by_device on coverage_history (device, at_ms);

create table coverage_notices (
  device text not null references devices (id) on update cascade on delete cascade,
  until_day text not null,
  days integer not null,
  at_ms integer not null,
  primary key (device, until_day, days)
) strict, without rowid;

-- Kept when the device goes: the same hardware is not registered a second time when it comes back.
create table registrations (
  key text not null primary key,
  device text references devices (id) on update cascade on delete set null,
  serial text,
  mac text,
  state text not null check (state in ('listed', 'sending', 'registered', 'refused')),
  at_ms integer not null,
  reference text,
  why text
) strict, without rowid;

create index registrations_by_device on registrations (device);

create table attestations (
  month text not null primary key,
  at_ms integer not null,
  signed_sha256 text not null,
  pdf_sha256 text not null
) strict, without rowid;
