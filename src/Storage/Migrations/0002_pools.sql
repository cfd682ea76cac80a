-- Pools and what belongs to them. Settings are documents with the API's member names; what is looked up is a column.
create table pools (
    id text {collate} primary key,
    name text not null,
    region text {collate} not null,
    settings text not null,
    schema text not null,
    created_at bigint not null,
    modified_at bigint not null
);
create index pools_region on pools (region, id);

create table clients (
    id text {collate} primary key,
    pool_id text {collate} not null,
    name text not null,
    settings text not null,
    -- The access token's life and what it was before, for the feed: an entry stays as long as a token can live.
    access_ms bigint not null,
    access_ms_before bigint not null,
    access_changed_at bigint not null,
    created_at bigint not null,
    modified_at bigint not null
);
create index clients_pool on clients (pool_id, id);

-- Two may live side by side, so that a secret can be changed without a pause.
create table client_secrets (
    client_id text {collate} not null,
    id text {collate} not null,
    sealed {blob} not null,
    created_at bigint not null,
    primary key (client_id, id)
);

create table domains (
    domain text {collate} primary key,
    pool_id text {collate} not null,
    custom boolean not null,
    settings text not null,
    created_at bigint not null
);
create index domains_pool on domains (pool_id);

create table resource_servers (
    pool_id text {collate} not null,
    identifier text {collate} not null,
    name text not null,
    scopes text not null,
    primary key (pool_id, identifier)
);

create table access_keys (
    id text {collate} primary key,
    sealed {blob} not null,
    actions text not null,
    pools text not null,
    created_at bigint not null
);
