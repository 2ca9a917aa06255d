-- What SQLAlchemy's own tests expect of a database (README.unittests.rst).
CREATE SCHEMA test_schema;
CREATE SCHEMA test_schema_2;
CREATE EXTENSION hstore;
CREATE EXTENSION citext;
