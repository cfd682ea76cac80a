-- ListUsers by status: the few users that wait for something, in the order of a page.
create index users_by_status on users (pool_id, status, sub);
create index users_by_enabled on users (pool_id, enabled, sub);
