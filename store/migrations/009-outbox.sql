-- The outbox by lanes, its payload last so that the rest of a row is read without it; how much waits as rows of its own.

create table outbox_by_lane (
  seq integer primary key autoincrement,
  kind text not null check (kind in ('event', 'ticket', 'state', 'health', 'reply')),
  -- What people wait for, how things stand, samples: the order of sending.
  lane integer not null as (case kind when 'state' then 2 when 'health' then 3 else 1 end) virtual,
  -- Of an event or ticket its number in the site's count of events, of a health batch its number in that of batches.
  number integer check (number is not null or kind <> 'health'),
  retain integer not null check (retain in (0, 1)),
  qos integer not null check (qos in (0, 1, 2)),
  at_ms integer not null,
  -- Numbered events and tickets stay for a while after that, to be sent again where the portal lost them.
  published_at_ms integer,
  bytes integer not null,
  topic text not null,
  payload blob not null
) strict;

-- Batches without a number are no longer read by anybody, and samples are told anew after a start.
insert into outbox_by_lane (seq, kind, retain, qos, at_ms, bytes, topic, payload)
  select seq, kind, retain, qos, at_ms, length(payload), topic, payload from outbox where published_at_ms is null and kind <> 'health';

drop table outbox;

alter table outbox_by_lane rename to outbox;

-- Within a lane an index is in the order of `seq`, which SQLite appends to every entry.
create index outbox_waiting on outbox (lane) where published_at_ms is null;

create index outbox_state on outbox (topic) where published_at_ms is null and kind = 'state';

create index outbox_kept on outbox (published_at_ms, number) where published_at_ms is not null;

create table outbox_load (kind text not null primary key, waiting integer not null, bytes integer not null) strict, without rowid;

insert into outbox_load (kind, waiting, bytes)
  select kinds.column1, count(outbox.seq), coalesce(sum(outbox.bytes), 0)
  from (values ('event'), ('ticket'), ('state'), ('health'), ('reply')) as kinds left join outbox on outbox.kind = kinds.column1
  group by kinds.column1;
