-- What the gates said whenever a wave moved by their word, and what a device was like around its update.

create table wave_judgements (
  seq integer primary key,
  campaign text not null references campaigns (id) on update cascade on delete cascade,
  wave integer not null,
  revision integer not null,
  at_ms integer not null,
  verdict text not null,
  gate text not null,
  why text not null,
  judgements text not null,
  unique (campaign, wave, revision)
) strict;

create table task_windows (
  task text not null primary key references tasks (id) on update cascade on delete cascade,
  at_ms integer not null,
  around text not null
) strict, without rowid;
