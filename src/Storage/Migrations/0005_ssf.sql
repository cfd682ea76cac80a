-- Streams of security events (SSF). A stream keeps its place in the feed of its pool, as a guard does: what it has not delivered
-- yet are rows of the feed. The place needs no epoch: it is in the same database, and a backup takes both or neither.
create table ssf_streams (
    id               text {collate} not null primary key,
    pool_id          text {collate} not null,
    -- Empty where the feed is open to everybody.
    client_id        text {collate} not null,
    method           bigint not null,
    endpoint_url     text,
    sealed_header    {blob},
    events_requested text,
    wants            boolean not null,
    description      text,
    status           bigint not null,
    reason           text,
    seq              bigint not null,
    -- Who pushes: one worker at a time over all nodes.
    lease            text {collate},
    lease_until      bigint not null,
    failures         bigint not null,
    failing_since    bigint,
    retry_at         bigint not null,
    trouble          text,
    refused          bigint not null,
    active_at        bigint not null,
    created_at       bigint not null
);
create index ssf_streams_by_client on ssf_streams (pool_id, client_id);
create index ssf_streams_pushing on ssf_streams (retry_at) where method = 1 and status = 1;

-- Entries that were acknowledged while an older one was not; gone as soon as the stream's place has passed them.
create table ssf_acks (
    stream_id text {collate} not null,
    seq       bigint not null,
    primary key (stream_id, seq)
);

-- Verification events that a receiver has asked for and has not acknowledged.
create table ssf_verifications (
    id         text {collate} not null primary key,
    stream_id  text {collate} not null,
    state      text,
    created_at bigint not null
);
create index ssf_verifications_by_stream on ssf_verifications (stream_id, created_at);
