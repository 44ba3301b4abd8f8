-- What waits is a small table of its own: to publish a message its row is not written again. How much waits is kept beside it.

create table outbox_rows (
  seq integer primary key autoincrement,
  kind text not null check (kind in ('event', 'ticket', 'state', 'health', 'reply')),
  -- Of an event or ticket its number in the site's count of events, of a health batch its number in that of batches.
  number integer check (number is not null or kind <> 'health'),
  retain integer not null check (retain in (0, 1)),
  qos integer not null check (qos in (0, 1, 2)),
  at_ms integer not null,
  topic text not null,
  -- Last, so that the rest of a row is read without it.
  payload blob not null
) strict;

-- Batches without a number are no longer read by anybody, and samples are told anew after a start.
insert into outbox_rows (seq, kind, retain, qos, at_ms, topic, payload)
  select seq, kind, retain, qos, at_ms, topic, payload from outbox where published_at_ms is null and kind <> 'health';

drop table outbox;

alter table outbox_rows rename to outbox;

create index outbox_state on outbox (topic) where kind = 'state';

-- Numbered events and tickets stay for a while after they were published, to be sent again where the portal lost them.
create index outbox_numbered on outbox (number) where kind in ('event', 'ticket') and number is not null;

create table outbox_waiting (
  -- 1 what people wait for, 2 how things stand, 3 samples: the order of sending.
  lane integer not null,
  seq integer not null,
  kind text not null,
  number integer,
  bytes integer not null,
  primary key (lane, seq)
) strict, without rowid;

insert into outbox_waiting (lane, seq, kind, bytes)
  select case kind when 'state' then 2 else 1 end, seq, kind, length(payload) from outbox;

create table outbox_load (kind text not null primary key, waiting integer not null, bytes integer not null) strict, without rowid;

insert into outbox_load (kind, waiting, bytes)
  select kinds.column1, count(waits.seq), coalesce(sum(waits.bytes), 0)
  from (values ('event'), ('ticket'), ('state'), ('health'), ('reply')) as kinds
  left join outbox_waiting as waits on waits.kind = kinds.column1
  group by kinds.column1;
