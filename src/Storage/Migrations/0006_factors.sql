-- What a user can prove besides the password: one row for each user who has set something up.
create table user_factors (
    pool_id     text {collate} not null,
    sub         text {collate} not null,
    sms         boolean not null,
    email       boolean not null,
    totp        boolean not null,
    preferred   text,
    totp_secret {blob},
    totp_new    {blob},
    totp_name   text,
    totp_step   bigint not null,
    primary key (pool_id, sub)
);

create table devices (
    key              text {collate} not null primary key,
    pool_id          text {collate} not null,
    user_sub         text {collate} not null,
    group_key        text not null,
    name             text,
    salt             {blob},
    verifier         {blob},
    remembered       boolean not null,
    last_ip          text,
    created_at       bigint not null,
    modified_at      bigint not null,
    authenticated_at bigint not null
);
create index sessions_by_device on sessions (device_key) where device_key is not null;
create index devices_by_user on devices (pool_id, user_sub, key);

-- The hashes of passwords that a user had before, newest first, as many as the pool's policy forbids.
create table password_history (
    pool_id text {collate} not null,
    sub     text {collate} not null,
    at      bigint not null,
    hash    text not null,
    primary key (pool_id, sub, at)
);

-- Codes of a second factor are bound to their challenge, and so are the tries at them.
alter table challenges add column tries bigint not null default 0;

-- Second factors of a pool, which UpdateUserPool does not touch.
alter table pools add column mfa text;
