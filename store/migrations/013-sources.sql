-- Sources of firmware beside the channel: how each was read last, what it offers, what of it waits for a person, and who decided.

create table source_readings (
  source text not null primary key,
  at_ms integer not null,
  listed integer not null,
  good_at_ms integer,
  fault text,
  failing_since_ms integer
) strict, without rowid;

create table offerings (
  source text not null,
  key text not null,
  doc text not null,
  primary key (source, key)
) strict;

-- One row for each content that was seen under a name: a file that changes is a new row, and waits anew.
create table quarantine (
  source text not null,
  name text not null,
  sha256 text not null,
  size_bytes integer not null,
  hint text not null,
  found_at_ms integer not null,
  gone_at_ms integer,
  primary key (source, name, sha256)
) strict, without rowid;

create index quarantine_by_hash on quarantine (sha256);

-- A person's word on bytes, wherever they come from.
create table verdicts (
  sha256 text not null primary key,
  verdict text not null check (verdict in ('accepted', 'rejected')),
  release text,
  person text not null,
  reason text not null,
  at_ms integer not null
) strict, without rowid;
