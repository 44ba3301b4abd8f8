-- What one person asked for and a second one has to ask for too, before it is done.

create table voices (
  verb text not null,
  subject text not null,
  person text not null,
  kid text not null,
  at_ms integer not null,
  primary key (verb, subject, person)
) strict, without rowid;
