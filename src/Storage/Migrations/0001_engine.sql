-- What the engine itself needs. Single values of the database as a whole.
create table meta (
    key text {collate} primary key,
    value text not null
);

-- What other nodes must forget. The head row is locked last in a transaction, so commit order is sequence order.
create table change_head (
    one bigint primary key check (one = 1),
    seq bigint not null
);
insert into change_head (one, seq) values (1, 0);

create table changes (
    seq bigint primary key,
    kind text not null,
    id text not null,
    at bigint not null
);
create index changes_at on changes (at);
