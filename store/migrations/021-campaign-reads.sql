-- A plan is megabytes; beside the state of its campaign every look at that state went through all its pages, and every
-- change of it wrote them again.
create table plans (
  campaign text not null primary key references campaigns (id) on delete restrict,
  plan text not null
) strict;

insert into plans (campaign, plan) select id, plan from campaigns;

alter table campaigns drop column plan;

-- What the drive asks at every turn, of ten thousand tasks.
create index tasks_unfinished on tasks (campaign, wave, id) where is_final = 0;

create index tasks_active on tasks (campaign, wave, id) where is_final = 0 and at <> 'planned';

create index tasks_at_risk on tasks (device) where at_risk = 1;

create index tasks_by_state on tasks (campaign, at);

drop index tasks_open;

create index campaigns_by_time on campaigns (created_at_ms desc, id);

create index catalogues_newest on catalogues (source, root_version desc, version desc);
