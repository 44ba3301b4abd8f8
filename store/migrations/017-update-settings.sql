-- What an attempt sets on a room, as it was before: written before anything is set, gone when it was given back.

create table update_settings (
  token text not null primary key,
  device text not null references devices (id) on update cascade on delete cascade,
  task text not null,
  settings text not null,
  at_ms integer not null,
  tries integer not null,
  next_at_ms integer not null
) strict, without rowid;

create index update_settings_device on update_settings (device);
