-- Asked by each device that waits, and once more where a slot is taken: who is between two attempts, and who answers nobody.
create index tasks_begun on tasks (id, device, campaign) where is_final = 0 and attempts > 0;

create index devices_offline on devices (id, last_seen_ms) where availability = 'offline';
