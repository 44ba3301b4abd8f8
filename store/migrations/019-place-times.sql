-- When places are in use and rooms are taken. Usage: hours of a local week, learned once a day. Calendars: the last good copy,
-- times alone; null where none was ever read.

create table place_usages (
  key           text    not null primary key,
  learned_at_ms integer not null,
  zone          text    not null,
  days          integer not null,
  busy          text    not null
) strict, without rowid;

create table room_calendars (
  room        text    not null primary key,
  tried_at_ms integer not null,
  trouble     text,
  read_at_ms  integer,
  to_ms       integer,
  meetings    text
) strict, without rowid;
