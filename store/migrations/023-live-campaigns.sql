-- Campaigns that have not ended are found among however many that have, and so is the plan a hash is of.
create index campaigns_by_state on campaigns (json_extract(state, '$.at'), created_at_ms desc, id);

create index campaigns_by_plan on campaigns (plan_hash);

-- Campaigns with a device in hand.
create index tasks_touched on tasks (campaign) where is_final = 0 and at_risk = 1;

-- Whom a plan leaves out, as the plan calls it: found without reading the plans.
create table held_back (
  device text not null,
  campaign text not null references campaigns (id) on delete cascade,
  primary key (device, campaign)
) strict, without rowid;

insert or ignore into held_back (device, campaign)
  select json_extract(held.value, '$.device'), plans.campaign from plans, json_each(case when json_valid(plans.plan) then plans.plan else '{}' end, '$.heldBack') as held;
