CREATE TABLE accounts (
    id integer PRIMARY KEY,
    email text NOT NULL,
    name varchar(60) NOT NULL,
    active boolean NOT NULL,
    score double precision NOT NULL,
    balance numeric(12, 2) NOT NULL,
    joined_on date NOT NULL,
    updated_at timestamp NOT NULL
);
-- Enough for every cold fetch of a full run to ask for another hundred.
INSERT INTO accounts
SELECT
    n,
    'user' || n || '@example.org',
    'User number ' || n,
    n % 3 <> 0,
    n * 1.25,
    n * 17.31,
    DATE '2020-01-01' + n,
    TIMESTAMP '2024-05-06 07:08:09.123456' + n * INTERVAL '1 hour'
FROM generate_series(1, 2000) AS n;
ANALYZE accounts;
