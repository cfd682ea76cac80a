-- A pool has one pair of signing keys after the other; the first signs from the beginning of time.
alter table signing_keys add column signs_from bigint not null default 0;
-- It was unique by (pool_id, use). The name stays: two nodes that make a pool's first keys at once still collide here.
drop index signing_keys_first;
create unique index signing_keys_first on signing_keys (pool_id, use, signs_from);
