CREATE TYPE status AS ENUM ('todo', 'doing', 'done');

CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text NOT NULL CONSTRAINT users_email_key UNIQUE
);

CREATE TABLE projects (
    id uuid PRIMARY KEY,
    slug text NOT NULL CONSTRAINT projects_slug_key UNIQUE,
    owner_id uuid NOT NULL CONSTRAINT projects_owner_fkey REFERENCES users,
    budget numeric(12, 2) NOT NULL,
    tags text[] NOT NULL,
    period tstzrange NOT NULL,
    touched_at timestamptz NOT NULL
);

CREATE TABLE tasks (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL CONSTRAINT tasks_project_fkey REFERENCES projects,
    number integer GENERATED ALWAYS AS IDENTITY CONSTRAINT tasks_number_key UNIQUE,
    title text NOT NULL,
    status status NOT NULL,
    estimate interval NOT NULL,
    details jsonb NOT NULL,
    updated_at timestamptz NOT NULL
);
