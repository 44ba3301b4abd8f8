-- What devices are set to, over time. Texts are canonical, secrets in them masked; originals are sealed.

create table config_texts (
  hash text not null primary key,
  body blob not null,
  settings integer not null
) strict, without rowid;

create table config_originals (
  id text not null primary key,
  sealed blob not null,
  size_bytes integer not null
) strict, without rowid;

create table config_versions (
  device text not null references devices (id) on update cascade on delete cascade,
  source text not null check (source in ('phone-overrides', 'web-overrides', 'backup', 'values', 'export')),
  since_ms integer not null,
  until_ms integer not null check (until_ms >= since_ms),
  hash text not null references config_texts (hash),
  original text references config_originals (id),
  cause text not null,
  counts text,
  primary key (device, source, since_ms)
) strict, without rowid;

create index config_versions_by_hash on config_versions (hash);

create index config_versions_by_original on config_versions (original) where original is not null;

create table config_reads (
  device text not null primary key references devices (id) on update cascade on delete cascade,
  next_ms integer not null,
  read_ms integer,
  tried_ms integer,
  failures integer not null default 0,
  why text,
  wanted_for text
) strict, without rowid;

create index config_reads_due on config_reads (next_ms);
