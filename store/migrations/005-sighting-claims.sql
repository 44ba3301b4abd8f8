-- What each sighting says of identity, so that whose it is can be decided anew whatever order sightings came in.

alter table sightings add column mac text;

alter table sightings add column serial text;

alter table sightings add column heard integer not null default 1 check (heard in (0, 1));

update sightings set mac = json_extract(facts, '$.mac'), serial = json_extract(facts, '$.serial');

create index sightings_by_address on sightings (address, at_ms) where address is not null;

create index sightings_nameless on sightings (address, at_ms) where mac is null and serial is null;

create index sightings_by_stated_serial on sightings (serial, device, source, at_ms) where mac is not null and serial is not null;

create index sightings_by_serial_only on sightings (serial, device) where mac is null and serial is not null;

create index facts_by_plain_serial on facts (upper(replace(replace(replace(replace(value, '-', ''), ' ', ''), ':', ''), '.', '')))
  where field = 'serial';
