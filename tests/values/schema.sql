-- Types that the value cases need; applied once to an empty database.
CREATE EXTENSION IF NOT EXISTS hstore;
CREATE SCHEMA odd;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'very happy');
CREATE TYPE odd."Shade" AS ENUM ('light', 'dark');
CREATE DOMAIN positive AS integer CHECK (value > 0);
CREATE DOMAIN label AS text;
CREATE TYPE pair AS (number integer, word text);
CREATE TYPE outer_pair AS (inner_pair pair, numbers integer[], "Odd name" date);
CREATE TYPE with_mood AS (mood mood, tags hstore);
CREATE TYPE float_range AS RANGE (subtype = float8);
CREATE TYPE word_range AS RANGE (subtype = text);
