-- What the asker of MQTT 5 knows its answer by: it goes back with it, also after a broken link.

alter table outbox add column correlation blob check (correlation is null or kind = 'reply');
