-- How far each UTC day's readings were summed up; changes of devices and the readings kept around them.

create table rolled (
  day_ms integer primary key,
  -- Devices are taken in order of their reference: those up to this one are done.
  through_ref integer not null,
  done integer not null
) strict;

create table changes (
  id integer primary key,
  ref integer not null references refs (ref),
  kind text not null,
  -- First and last time it happened; more than once within its window is one change.
  at_ms integer not null,
  last_ms integer not null,
  times integer not null,
  detail text not null,
  -- Up to here the readings around it are kept in `recorded`.
  kept_to_ms integer not null,
  closed integer not null
) strict;

create index changes_by_ref on changes (ref, at_ms);
create index changes_open on changes (at_ms) where closed = 0;

create table recorded (
  change integer not null references changes (id),
  from_ms integer not null,
  readings integer not null,
  packed blob not null,
  primary key (change, from_ms)
) strict, without rowid;
