-- The agent's durable memory: inventory, campaigns, outbox, tickets, audit.

create table meta (name text not null primary key, value text not null) strict, without rowid;

create table counters (name text not null primary key, value integer not null) strict, without rowid;

create table devices (
  id text not null primary key,
  mac text unique,
  serial text,
  family text,
  vendor text,
  model text,
  part_number text,
  revision text,
  name text not null,
  address text,
  running text,
  updater text,
  managed_by text not null,
  availability text not null check (availability in ('online', 'suspect', 'offline', 'unknown')),
  in_use text not null,
  lines text not null,
  parts text not null,
  switch_port text,
  first_seen_ms integer not null,
  last_seen_ms integer not null,
  adopted integer not null check (adopted in (0, 1))
) strict, without rowid;

create index devices_by_serial on devices (serial) where serial is not null;

create index devices_by_model on devices (model) where model is not null;

create index devices_by_address on devices (address) where address is not null;

create table facts (
  device text not null references devices (id) on update cascade on delete cascade,
  field text not null,
  source text not null,
  value text not null,
  rank integer not null,
  at_ms integer not null,
  evidence text not null,
  primary key (device, field, source)
) strict, without rowid;

create table sightings (
  seq integer primary key,
  device text not null references devices (id) on update cascade on delete cascade,
  source text not null,
  at_ms integer not null,
  address text,
  facts text not null,
  evidence text not null,
  port text
) strict;

create index sightings_by_device on sightings (device, at_ms);

create index sightings_by_time on sightings (at_ms);

create table places (
  mac text not null primary key,
  name text not null,
  room text,
  floor text,
  zone text,
  duties text not null
) strict, without rowid;

create table refusals (
  device text not null references devices (id) on update cascade on delete cascade,
  credential text not null,
  fingerprint text not null,
  count integer not null,
  at_ms integer not null,
  primary key (device, credential)
) strict, without rowid;

create table catalogues (
  source text not null,
  version integer not null,
  expires_at_ms integer not null,
  at_ms integer not null,
  primary key (source, version)
) strict, without rowid;

create table releases (
  source text not null,
  id text not null,
  catalogue_version integer not null,
  doc text not null,
  primary key (source, id)
) strict;

create table images (
  sha256 text not null primary key,
  size_bytes integer not null,
  state text not null check (state in ('known', 'staging', 'staged', 'refused')),
  at_ms integer not null,
  fault text
) strict, without rowid;

create table campaigns (
  id text not null primary key,
  state text not null,
  plan_hash text not null,
  plan text not null,
  revision integer not null,
  created_at_ms integer not null,
  started_at_ms integer
) strict;

create table waves (
  campaign text not null references campaigns (id) on delete restrict,
  number integer not null,
  state text not null,
  revision integer not null,
  primary key (campaign, number)
) strict, without rowid;

create table campaign_history (
  seq integer primary key,
  campaign text not null references campaigns (id) on delete restrict,
  wave integer not null,
  revision integer not null,
  at_ms integer not null,
  why text not null,
  state text not null
) strict;

create index campaign_history_by_campaign on campaign_history (campaign, seq);

create table approvals (
  campaign text not null references campaigns (id) on delete restrict,
  plan_hash text not null,
  person text not null,
  key_id text not null,
  gate text not null,
  at_ms integer not null,
  primary key (campaign, plan_hash, gate, person)
) strict, without rowid;

create table tasks (
  id text not null primary key,
  campaign text not null references campaigns (id) on delete restrict,
  wave integer not null,
  device text not null references devices (id) on update cascade on delete restrict,
  state text not null,
  at text not null,
  attempts integer not null,
  is_final integer not null check (is_final in (0, 1)),
  at_risk integer not null check (at_risk in (0, 1)),
  revision integer not null,
  since_ms integer not null,
  unique (campaign, device)
) strict, without rowid;

create index tasks_by_wave on tasks (campaign, wave);

create index tasks_by_device on tasks (device);

create index tasks_open on tasks (at) where is_final = 0;

create table task_history (
  seq integer primary key,
  task text not null references tasks (id) on update cascade on delete restrict,
  revision integer not null,
  at_ms integer not null,
  from_at text not null,
  to_at text not null,
  event text not null,
  unique (task, revision)
) strict;

create table attempts (
  token text not null primary key,
  task text not null references tasks (id) on update cascade on delete restrict,
  number integer not null,
  reserved_at_ms integer not null,
  command_id text,
  intended_at_ms integer,
  accepted_at_ms integer,
  image_started_at_ms integer,
  image_delivered_at_ms integer,
  sent_bytes integer not null default 0,
  ended_at_ms integer,
  outcome text,
  baseline text
) strict, without rowid;

create index attempts_by_task on attempts (task, number);

create table reservations (
  device text not null primary key references devices (id) on update cascade on delete restrict,
  task text not null references tasks (id) on update cascade on delete restrict,
  token text not null unique,
  number integer not null,
  domains text not null,
  at_ms integer not null
) strict, without rowid;

create index reservations_by_task on reservations (task);

create table conditions (
  id integer primary key autoincrement,
  device text references devices (id) on update cascade on delete cascade,
  kind text not null,
  severity text not null check (severity in ('info', 'warning', 'error', 'critical')),
  cause_class text not null check (cause_class in ('hardware', 'software', 'network', 'power', 'cloud', 'configuration')),
  since_ms integer not null,
  until_ms integer,
  evidence text not null
) strict;

create index conditions_by_device on conditions (device, kind);

create index conditions_open on conditions (kind) where until_ms is null;

create table incidents (
  id integer primary key autoincrement,
  cause text not null,
  since_ms integer not null,
  until_ms integer
) strict;

create unique INDEX incidents_open on incidents (cause) where until_ms is null;

create table incident_conditions (
  incident integer not null references incidents (id) on delete cascade,
  condition integer not null references conditions (id) on delete cascade,
  primary key (incident, condition)
) strict, without rowid;

create index incident_conditions_by_condition on incident_conditions (condition);

create table tickets (
  key text not null,
  generation integer not null,
  campaign text,
  version integer not null,
  delivered_version integer not null,
  doc text not null,
  state text not null check (state in ('open', 'closing', 'closed')),
  remote_id text,
  remote_url text,
  created_at_ms integer not null,
  next_try_ms integer,
  tries integer not null,
  last_outcome text,
  primary key (key, generation)
) strict;

create index tickets_waiting on tickets (next_try_ms) where delivered_version < version;

create table ticket_devices (
  key text not null,
  generation integer not null,
  device text not null references devices (id) on update cascade on delete cascade,
  primary key (key, generation, device),
  foreign key (key, generation) references tickets (key, generation) on delete cascade
) strict, without rowid;

create index ticket_devices_by_device on ticket_devices (device);

create table outbox (
  seq integer primary key autoincrement,
  topic text not null,
  payload blob not null,
  retain integer not null check (retain in (0, 1)),
  qos integer not null check (qos in (0, 1, 2)),
  kind text not null check (kind in ('event', 'ticket', 'state', 'health', 'reply')),
  at_ms integer not null,
  published_at_ms integer
) strict;

create index outbox_waiting on outbox (seq) where published_at_ms is null;

create index outbox_state on outbox (topic) where published_at_ms is null and kind = 'state';

create table commands (
  jti text not null primary key,
  exp_ms integer not null,
  received_at_ms integer not null,
  verb text not null,
  subject text not null,
  status text not null check (status in ('accepted', 'rejected', 'done', 'failed')),
  answer text
) strict, without rowid;

create index commands_by_expiry on commands (exp_ms);

create table rosters (version integer primary key, document text not null, at_ms integer not null) strict;

create table audit (
  seq integer primary key,
  at_ms integer not null,
  actor text not null,
  action text not null,
  subject text not null,
  detail text not null,
  prev_hash text not null,
  hash text not null
) strict;

create table audit_head (
  only_row integer primary key check (only_row = 1),
  count integer not null,
  hash text not null
) strict;

insert into audit_head (only_row, count, hash) values (1, 0, '');

create trigger audit_refuses_update before update on audit begin
  select raise(abort, 'the audit is append-only');
end;

create trigger audit_refuses_delete before delete on audit begin
  select raise(abort, 'the audit is append-only');
end;

create trigger audit_refuses_replace before insert on audit when exists (select 1 from audit where seq = new.seq) begin
  select raise(abort, 'the audit is append-only');
end;

create trigger audit_head_refuses_delete before delete on audit_head begin
  select raise(abort, 'the audit is append-only');
end;
