-- Health history: names, references, newest readings; day tables are made as they are needed.

create table meta (name text not null primary key, value text not null) strict, without rowid;

create table refs (ref integer primary key, device text not null) strict;

create index refs_by_device on refs (device);

create table names (number integer primary key, name text not null unique) strict;

create table latest (
  ref integer primary key references refs (ref),
  at_ms integer not null,
  packed blob not null
) strict;
