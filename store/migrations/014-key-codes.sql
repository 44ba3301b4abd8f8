-- Key codes of devices for major releases, sealed with the agent's key; the list each came from said for which release, or not.

create table key_codes (
  serial text not null,
  release text not null,
  sealed blob not null,
  at_ms integer not null,
  actor text not null,
  file text not null,
  primary key (serial, release)
) strict, without rowid;
