CREATE EXTENSION hstore;

CREATE TYPE shelf AS ENUM ('cold', 'dry', 'very high');
CREATE DOMAIN quantity AS integer CONSTRAINT quantity_check CHECK (value >= 0);
CREATE TYPE parcel AS (width integer, height numeric(6, 2), label text);

CREATE TABLE items (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sku text NOT NULL CONSTRAINT items_sku_key UNIQUE,
    price numeric(10, 2) NOT NULL,
    stock quantity NOT NULL,
    shelf shelf NOT NULL DEFAULT 'dry',
    tags text[] NOT NULL DEFAULT '{}',
    sold daterange
);

CREATE TABLE orders (
    id uuid PRIMARY KEY,
    customer text NOT NULL,
    placed_at timestamptz NOT NULL,
    details jsonb NOT NULL
);

CREATE TABLE lines (
    order_id uuid NOT NULL CONSTRAINT lines_order_fkey REFERENCES orders,
    item_id integer NOT NULL REFERENCES items,
    count integer NOT NULL
);

CREATE FUNCTION announce() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('stock', new.sku || ': ' || old.stock || ' -> ' || new.stock);
    RETURN new;
END $$;

CREATE TRIGGER announce AFTER UPDATE OF stock ON items
    FOR EACH ROW EXECUTE FUNCTION announce();

-- One value of each type, and of some the odd ones.
CREATE VIEW specimens AS SELECT
    NULL::integer AS "null",
    true AS bool,
    (-32768)::int2 AS int2,
    2147483647::int4 AS int4,
    9223372036854775807::int8 AS int8,
    4294967295::oid AS oid,
    0.1::float4 AS float4,
    'NaN'::float8 AS "not a number",
    ARRAY['Infinity', '-Infinity', '-0.0', '1e-320']::float8[] AS "odd floats",
    1.500::numeric AS numeric,
    'NaN'::numeric AS "numeric NaN",
    repeat('1234567890', 100)::numeric AS "1000 digits",
    E'na\u00efve \u2603 %s \\ ''"'::text AS text,
    'abc'::varchar(5) AS varchar,
    'abc'::char(5) AS bpchar,
    'a'::"char" AS "char",
    'a_name'::name AS name,
    '\x00ff80'::bytea AS bytea,
    date '2024-02-29' AS date,
    time '23:59:59.999999' AS time,
    timetz '12:00:00.5-03:30' AS timetz,
    timestamp '2024-02-29 12:00:00.000001' AS timestamp,
    timestamptz '2024-10-27 01:30:00+00' AS "within the hour that comes twice",
    ARRAY[timestamptz '2024-01-01 00:00Z', '2024-07-01 00:00Z'] AS timestamptz,
    interval '1 year 2 mons -3 days 04:05:06.789' AS interval,
    uuid 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11' AS uuid,
    json '{"b": 1, "a": [1.10, null, "\u2603"]}' AS json,
    jsonb '{"b": 1, "a": 1e2}' AS jsonb,
    jsonb 'null' AS "jsonb null",
    inet '192.168.0.1/24' AS inet,
    inet '::1' AS "inet of a host",
    cidr '10.0.0.0/8' AS cidr,
    macaddr '08:00:2b:01:02:03' AS macaddr,
    macaddr8 '08:00:2b:01:02:03:04:05' AS macaddr8,
    B'101' AS bit,
    B'10101'::varbit AS varbit,
    '-1234.50'::money AS money,
    to_tsvector('simple', 'a fat cat''s cat') AS tsvector,
    to_tsquery('simple', 'fat & (cat | rat)') AS tsquery,
    'very high'::shelf AS enum,
    3::quantity AS domain,
    ROW(1, 2.50, 'a "b", (c)')::parcel AS composite,
    'a=>1, b=>NULL, "c d"=>"e\"f"'::hstore AS hstore,
    int4range(1, 5) AS int4range,
    numrange(NULL, 1.5, '(]') AS numrange,
    'empty'::daterange AS "empty range",
    tstzrange('2024-01-01 00:00Z', NULL) AS tstzrange,
    int8multirange(int8range(1, 3), int8range(5, NULL)) AS int8multirange,
    point '(1,2.5)' AS point,
    lseg '[(0,0),(1,1)]' AS lseg,
    box '((1,1),(0,0))' AS "geometric box",
    path '((0,0),(1,1),(2,0))' AS path,
    polygon '((0,0),(1,1),(2,0))' AS polygon,
    circle '<(0,0),1.5>' AS circle,
    '[2:3][0:1]={{1,NULL},{3,4}}'::int4[] AS "bounds of an array",
    ARRAY['a,b', '"', '\', '', 'NULL', NULL] AS "text[]",
    ARRAY['\x00'::bytea, NULL] AS "bytea[]",
    ARRAY['cold', 'dry']::shelf[] AS "enum[]",
    ARRAY[daterange('2024-01-01', '2024-02-01')] AS "range[]",
    ARRAY[jsonb '{"a": [1]}'] AS "jsonb[]",
    '{}'::int4[] AS "empty array",
    int2vector '1 2 3' AS int2vector,
    'pg_class'::regclass AS regclass,
    pg_lsn '16/B374D848' AS pg_lsn,
    jsonpath '$.a[*] ? (@ > 1)' AS jsonpath,
    '10:20:10,14,15'::txid_snapshot AS txid_snapshot;
