-- What devices showed and refused at their doors. By MAC, or by address where that is all there is: a sweep meets devices before the inventory has them.

drop table refusals;

create table refusals (
  device text not null,
  credential text not null,
  fingerprint text not null,
  count integer not null,
  at_ms integer not null,
  primary key (device, credential)
) strict, without rowid;

create table pins (
  device text not null,
  via text not null check (via in ('tls', 'ssh')),
  fingerprint text not null,
  at_ms integer not null,
  primary key (device, via)
) strict, without rowid;
