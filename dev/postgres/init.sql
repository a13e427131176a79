-- The development tables in PostgreSQL. Run once on the first start of the database, by the container
-- of docker-compose.yaml or by dev/services.sh; running it again changes nothing.
-- rivet-seed fills these tables; dev/mysql/init.sql creates the same set.

CREATE TABLE IF NOT EXISTS users (
    id          serial PRIMARY KEY,
    name        varchar(100) NOT NULL,
    email       varchar(200) NOT NULL,
    age         int,
    balance     numeric(12,2),
    is_active   boolean DEFAULT true,
    bio         text,
    created_at  timestamp NOT NULL DEFAULT now(),
    updated_at  timestamp NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS orders (
    id          serial PRIMARY KEY,
    user_id     int NOT NULL REFERENCES users(id),
    product     varchar(200) NOT NULL,
    quantity    int NOT NULL,
    price       numeric(10,2) NOT NULL,
    status      varchar(20) NOT NULL DEFAULT 'pending',
    notes       text,
    ordered_at  timestamp NOT NULL DEFAULT now(),
    updated_at  timestamp NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS events (
    id          bigserial PRIMARY KEY,
    user_id     int NOT NULL REFERENCES users(id),
    event_type  varchar(50) NOT NULL,
    payload     jsonb,
    ip_address  varchar(45),
    created_at  timestamp NOT NULL DEFAULT now()
);

-- Wide, and deliberately without an index on created_at: the case that preflight calls DEGRADED.
CREATE TABLE IF NOT EXISTS page_views (
    id               bigserial PRIMARY KEY,
    session_id       varchar(36) NOT NULL,
    user_id          int,
    url              text NOT NULL,
    referrer         text,
    user_agent       text,
    ip_address       varchar(45),
    country_code     char(2),
    region           varchar(100),
    city             varchar(100),
    device_type      varchar(20),
    browser          varchar(50),
    os               varchar(50),
    screen_width     int,
    screen_height    int,
    viewport_width   int,
    viewport_height  int,
    page_load_ms     int,
    dom_ready_ms     int,
    time_on_page_ms  int,
    scroll_depth_pct smallint,
    click_count      smallint,
    is_bounce        boolean NOT NULL DEFAULT false,
    utm_source       varchar(100),
    utm_medium       varchar(100),
    utm_campaign     varchar(200),
    utm_term         varchar(200),
    utm_content      varchar(200),
    custom_props     jsonb,
    created_at       timestamp NOT NULL DEFAULT now()
);

-- Heavy text, also without an index on created_at.
CREATE TABLE IF NOT EXISTS content_items (
    id             bigserial PRIMARY KEY,
    title          text NOT NULL,
    body           text NOT NULL,
    raw_html       text NOT NULL,
    metadata       jsonb,
    tags           text,
    author_name    varchar(100) NOT NULL,
    author_email   varchar(200) NOT NULL,
    source_url     text,
    category       varchar(50),
    status         varchar(20) NOT NULL DEFAULT 'draft',
    priority       int NOT NULL DEFAULT 0,
    view_count     int NOT NULL DEFAULT 0,
    comment_count  int NOT NULL DEFAULT 0,
    word_count     int NOT NULL DEFAULT 0,
    language       char(2) NOT NULL DEFAULT 'en',
    published_at   timestamp,
    updated_at     timestamp NOT NULL DEFAULT now(),
    created_at     timestamp NOT NULL DEFAULT now(),
    extra_data     jsonb
);

-- A few rows whose ids lie far apart: the case that makes fixed key windows wasteful.
CREATE TABLE IF NOT EXISTS orders_sparse (
    id       bigint PRIMARY KEY,
    payload  text NOT NULL
);

CREATE OR REPLACE VIEW orders_sparse_for_export AS
SELECT id, payload, row_number() OVER (ORDER BY id) AS chunk_rownum
FROM orders_sparse;

CREATE INDEX IF NOT EXISTS idx_orders_updated_at ON orders (updated_at);
CREATE INDEX IF NOT EXISTS idx_events_created_at ON events (created_at);
CREATE INDEX IF NOT EXISTS idx_events_user_id ON events (user_id);
