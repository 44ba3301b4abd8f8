-- Under which root a catalogue was read, and who might sign releases then: new keys may go back behind what stolen ones said.

alter table catalogues add column root_version integer not null default 0;
alter table catalogues add column release_keys text not null default '';
