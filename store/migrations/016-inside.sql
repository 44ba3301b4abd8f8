-- What a file in quarantine holds, and what the source's list says of it. Null for files that were taken in before.

alter table quarantine add column inside text;
alter table quarantine add column listed text;
