-- The development tables in MySQL 8 and MariaDB 10.3 or later. Run once on the first start of the
-- database; dev/postgres/init.sql creates the same set and tells the purpose of each table.
-- MySQL has no CREATE INDEX IF NOT EXISTS, so the indexes stand inside the tables.

CREATE TABLE IF NOT EXISTS users (
    id          INT AUTO_INCREMENT PRIMARY KEY,
    name        VARCHAR(100) NOT NULL,
    email       VARCHAR(200) NOT NULL,
    age         INT,
    balance     DECIMAL(12,2),
    is_active   BOOLEAN DEFAULT true,
    bio         TEXT,
    created_at  DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at  DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;

CREATE TABLE IF NOT EXISTS orders (
    id          INT AUTO_INCREMENT PRIMARY KEY,
    user_id     INT NOT NULL,
    product     VARCHAR(200) NOT NULL,
    quantity    INT NOT NULL,
    price       DECIMAL(10,2) NOT NULL,
    status      VARCHAR(20) NOT NULL DEFAULT 'pending',
    notes       TEXT,
    ordered_at  DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at  DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id),
    INDEX idx_orders_updated_at (updated_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;

CREATE TABLE IF NOT EXISTS events (
    id          BIGINT AUTO_INCREMENT PRIMARY KEY,
    user_id     INT NOT NULL,
    event_type  VARCHAR(50) NOT NULL,
    payload     JSON,
    ip_address  VARCHAR(45),
    created_at  DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT events_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id),
    INDEX idx_events_created_at (created_at),
    INDEX idx_events_user_id (user_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;

CREATE TABLE IF NOT EXISTS page_views (
    id               BIGINT AUTO_INCREMENT PRIMARY KEY,
    session_id       VARCHAR(36) NOT NULL,
    user_id          INT,
    url              TEXT NOT NULL,
    referrer         TEXT,
    user_agent       TEXT,
    ip_address       VARCHAR(45),
    country_code     CHAR(2),
    region           VARCHAR(100),
    city             VARCHAR(100),
    device_type      VARCHAR(20),
    browser          VARCHAR(50),
    os               VARCHAR(50),
    screen_width     INT,
    screen_height    INT,
    viewport_width   INT,
    viewport_height  INT,
    page_load_ms     INT,
    dom_ready_ms     INT,
    time_on_page_ms  INT,
    scroll_depth_pct SMALLINT,
    click_count      SMALLINT,
    is_bounce        BOOLEAN NOT NULL DEFAULT false,
    utm_source       VARCHAR(100),
    utm_medium       VARCHAR(100),
    utm_campaign     VARCHAR(200),
    utm_term         VARCHAR(200),
    utm_content      VARCHAR(200),
    custom_props     JSON,
    created_at       DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;

CREATE TABLE IF NOT EXISTS content_items (
    id             BIGINT AUTO_INCREMENT PRIMARY KEY,
    title          TEXT NOT NULL,
    body           LONGTEXT NOT NULL,
    raw_html       LONGTEXT NOT NULL,
    metadata       JSON,
    tags           TEXT,
    author_name    VARCHAR(100) NOT NULL,
    author_email   VARCHAR(200) NOT NULL,
    source_url     TEXT,
    category       VARCHAR(50),
    status         VARCHAR(20) NOT NULL DEFAULT 'draft',
    priority       INT NOT NULL DEFAULT 0,
    view_count     INT NOT NULL DEFAULT 0,
    comment_count  INT NOT NULL DEFAULT 0,
    word_count     INT NOT NULL DEFAULT 0,
    language       CHAR(2) NOT NULL DEFAULT 'en',
    published_at   DATETIME,
    updated_at     DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    created_at     DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    extra_data     JSON
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;

CREATE TABLE IF NOT EXISTS orders_sparse (
    id       BIGINT PRIMARY KEY,
    payload  TEXT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;

CREATE OR REPLACE VIEW orders_sparse_for_export AS
SELECT id, payload, ROW_NUMBER() OVER (ORDER BY id) AS chunk_rownum
FROM orders_sparse;
