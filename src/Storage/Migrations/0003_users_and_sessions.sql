create table users (
    pool_id          text {collate} not null,
    sub              text {collate} not null,
    username         text not null,
    username_key     text {collate} not null,
    status           text not null,
    enabled          boolean not null,
    attributes       text not null,
    password_hash    text,
    srp_salt         {blob},
    srp_verifier     {blob},
    password_ends_at bigint,
    created_at       bigint not null,
    modified_at      bigint not null,
    primary key (pool_id, sub)
);
create unique index users_by_name on users (pool_id, username_key);

-- One row for each attribute that ListUsers filters on or that can be an alias, its value case-folded.
create table user_attributes (
    pool_id  text {collate} not null,
    name     text {collate} not null,
    value    text {collate} not null,
    sub      text {collate} not null,
    is_alias boolean not null,
    primary key (pool_id, sub, name)
);
create index user_attributes_by_value on user_attributes (pool_id, name, value, sub);
create unique index user_attributes_alias on user_attributes (pool_id, name, value) where is_alias;

create table groups (
    pool_id     text {collate} not null,
    name        text {collate} not null,
    description text,
    role_arn    text,
    precedence  bigint,
    created_at  bigint not null,
    modified_at bigint not null,
    primary key (pool_id, name)
);

create table group_members (
    pool_id    text {collate} not null,
    group_name text {collate} not null,
    sub        text {collate} not null,
    primary key (pool_id, group_name, sub)
);
create index group_members_by_user on group_members (pool_id, sub);

create table signing_keys (
    kid         text {collate} not null primary key,
    pool_id     text {collate} not null,
    use         text {collate} not null,
    private_key {blob} not null,
    created_at  bigint not null
);
-- Two nodes that make a pool's first keys at once: one wins, the other reads.
create unique index signing_keys_first on signing_keys (pool_id, use);

create table sessions (
    id         text {collate} not null primary key,
    pool_id    text {collate} not null,
    client_id  text {collate} not null,
    user_sub   text {collate} not null,
    birth      bigint not null,
    scopes     text not null,
    resource   text,
    auth_time  bigint not null,
    ends_at    bigint not null,
    generation bigint not null,
    key_id     bigint not null,
    salt       {blob} not null,
    rotated_at bigint not null,
    revoked_at bigint,
    end_reason bigint,
    device_key text
);
create index sessions_by_user on sessions (pool_id, user_sub);
create index sessions_by_client on sessions (client_id);
create index sessions_by_end on sessions (ends_at);

-- The feed: its head row is the last lock of every transaction that appends, so commit order is sequence order.
create table revocation_heads (
    pool_id text {collate} not null primary key,
    seq     bigint not null
);
create table revocations (
    pool_id    text {collate} not null,
    seq        bigint not null,
    kind       bigint not null,
    value      text not null,
    at         bigint not null,
    keep_until bigint not null,
    primary key (pool_id, seq)
);
create index revocations_by_end on revocations (keep_until);

create table authorization_codes (
    hash         {blob} not null primary key,
    pool_id      text {collate} not null,
    client_id    text {collate} not null,
    user_sub     text {collate} not null,
    redirect_uri text not null,
    challenge    text,
    scopes       text not null,
    nonce        text,
    resource     text,
    auth_time    bigint not null,
    ends_at      bigint not null,
    spent_at     bigint,
    session_id   text
);
create index authorization_codes_by_end on authorization_codes (ends_at);

create table challenges (
    hash      {blob} not null primary key,
    pool_id   text {collate} not null,
    client_id text {collate} not null,
    user_sub  text {collate} not null,
    name      text not null,
    state     text not null,
    ends_at   bigint not null,
    spent_at  bigint
);
create index challenges_by_end on challenges (ends_at);

-- One live code for each user and purpose; a new one replaces the old.
create table confirmation_codes (
    pool_id  text {collate} not null,
    sub      text {collate} not null,
    purpose  text {collate} not null,
    hash     {blob} not null,
    target   text,
    tries    bigint not null,
    ends_at  bigint not null,
    primary key (pool_id, sub, purpose)
);
create index confirmation_codes_by_end on confirmation_codes (ends_at);

-- Counters, keyed by a keyed hash of what they count, so that the table names nobody.
create table throttles (
    subject      {blob} not null primary key,
    count        bigint not null,
    locked_until bigint not null,
    ends_at      bigint not null
);
create index throttles_by_end on throttles (ends_at);

-- The session cookie of the hosted pages.
create table browser_sessions (
    hash      {blob} not null primary key,
    pool_id   text {collate} not null,
    user_sub  text {collate} not null,
    auth_time bigint not null,
    ends_at   bigint not null
);
create index browser_sessions_by_end on browser_sessions (ends_at);

create table messages (
    id      text {collate} not null primary key,
    at      bigint not null,
    pool_id text {collate} not null,
    content {blob} not null,
    ends_at bigint not null
);
create index messages_by_time on messages (at);
