-- One row per node that carries the revocation feed, committed each second: the commit proves that the node can still write.
create table nodes (
    id      text {collate} not null primary key,
    seen_at bigint not null
);
