-- Once, as the superuser, on the leader: psql -v password=… -f poolhouse.sql
create role poolhouse login password :'password';
create database poolhouse owner poolhouse encoding 'UTF8' template template0;
