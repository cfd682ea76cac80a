-- The address or number that a code went to. It is what a right code proves, and in a pool that verifies before it updates
-- it is where the new value waits: the user's own row keeps the old one until then.
alter table confirmation_codes add column value text;
