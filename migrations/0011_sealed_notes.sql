-- Notes on households may tell of illness (law 91/2025): sealed, as numbers are. `category` holds a keyed hash of its name
-- from now on. The program seals what is there at its next start; until then `settings` has no 'households_sealed'.
alter table households add column note_sealed bytea;
