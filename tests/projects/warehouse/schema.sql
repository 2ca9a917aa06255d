CREATE TABLE items (
    id serial PRIMARY KEY,
    sku text NOT NULL UNIQUE,
    name text NOT NULL,
    price numeric(10, 2) NOT NULL CHECK (price >= 0),
    tags text[] NOT NULL DEFAULT '{}',
    facts jsonb NOT NULL DEFAULT '{}'
);
CREATE TABLE stock (
    item_id integer NOT NULL REFERENCES items,
    place text NOT NULL,
    count integer NOT NULL CHECK (count >= 0),
    PRIMARY KEY (item_id, place)
);
CREATE TABLE moves (
    id serial PRIMARY KEY,
    item_id integer NOT NULL REFERENCES items,
    count integer NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
