-- Messages wait here until somebody has taken them. lane: who takes them (mail, sms, function), null for one that is only kept.
-- due_at: when that is tried next, null when it never will be again. nth: the how-manieth of its millisecond, so that there is an order.
alter table messages add column nth bigint not null default 0;
alter table messages add column lane text {collate};
alter table messages add column due_at bigint;
alter table messages add column tries bigint not null default 0;
alter table messages add column trouble text;
create index messages_by_due on messages (lane, due_at) where due_at is not null;
