CREATE TABLE users (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL CONSTRAINT users_email_key UNIQUE,
    name text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE projects (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug text NOT NULL CONSTRAINT projects_slug_key UNIQUE,
    title text NOT NULL,
    owner_id integer NOT NULL CONSTRAINT projects_owner_fkey REFERENCES users
);

CREATE TABLE tasks (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id integer NOT NULL CONSTRAINT tasks_project_fkey REFERENCES projects,
    assignee_id integer CONSTRAINT tasks_assignee_fkey REFERENCES users,
    title text NOT NULL,
    priority smallint NOT NULL,
    done boolean NOT NULL,
    due_on date,
    updated_at timestamptz NOT NULL,
    CONSTRAINT tasks_title_key UNIQUE (project_id, title)
);
