-- Makes pg_type.tsv: the types whose OIDs are assigned by hand in PostgreSQL's
-- source (below FirstGenbkiObjectId, 10000), so that they are the same in every
-- database. Arrays are a column of their element type, not rows of their own;
-- row types of the catalog's tables are left out, as drivers know none of them.
select t.oid,
       t.typname,
       format_type(t.oid, null) as regtype,
       t.typtype,
       t.typcategory,
       t.typdelim,
       t.typarray,
       coalesce(r.rngsubtype, 0) as range_subtype,
       coalesce(r.rngmultitypid, 0) as multirange,
       coalesce(m.rngtypid, 0) as range
from pg_catalog.pg_type t
left join pg_catalog.pg_range r on r.rngtypid = t.oid
left join pg_catalog.pg_range m on m.rngmultitypid = t.oid
where t.oid < 10000
  and t.typtype <> 'c'
  and not exists (select from pg_catalog.pg_type e where e.typarray = t.oid)
order by t.oid
