-- What was decided about tokens and sessions, and what was changed by whom. The id begins with the time in unix ms (13 digits), so that
-- the key is the order in time as well.
create table audit (
    id         text {collate} not null primary key,
    at         bigint not null,
    kind       text {collate} not null,
    outcome    text {collate} not null,
    pool_id    text {collate},
    client_id  text {collate},
    user_sub   text {collate},
    session_id text {collate},
    subject    text {collate},
    actor      text {collate},
    address    text,
    request    text
);
create index audit_by_session on audit (session_id, id) where session_id is not null;
create index audit_by_user on audit (pool_id, user_sub, id) where user_sub is not null;
create index audit_by_subject on audit (pool_id, subject, id) where subject is not null;
create index audit_refreshes on audit (id) where kind in ('Refreshed', 'RefreshRepeated');
