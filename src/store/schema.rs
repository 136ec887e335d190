//! The tables, as a person who opens the file finds them. What changes an
//! existing file lives in `migrations`.
//!
//! Times are UTC in ISO 8601 with nine decimals, always the same width: a
//! person can read them, SQLite's date functions take them, they sort as text,
//! and nothing of the service's own times is rounded away (integers of
//! milliseconds would do one of the four). Yes and no are 1 and 0. JSON stands
//! only where nobody would query.

/// Everything version 1 consists of. The comments inside stay in the file.
pub const VERSION_1: &str = "
CREATE TABLE zones (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    slug TEXT NOT NULL,
    cameras TEXT NOT NULL, -- JSON list
    todo_list TEXT,
    purpose TEXT,
    interval_minutes INTEGER NOT NULL,
    icon TEXT
) STRICT;

CREATE TABLE zone_state (
    zone INTEGER PRIMARY KEY REFERENCES zones ON DELETE CASCADE,
    monitoring INTEGER NOT NULL CHECK (monitoring IN (0, 1)),
    interval_set INTEGER, -- minutes a person chose from an entity
    interval_replaced INTEGER, -- the option's minutes at that time
    needs_cleaning INTEGER CHECK (needs_cleaning IN (0, 1)),
    last_check TEXT,
    -- The last good reading, as it is shown; all empty before the first.
    reading_at TEXT,
    score INTEGER CHECK (score BETWEEN 0 AND 100),
    confidence REAL,
    provider TEXT,
    open_tasks INTEGER,
    summary TEXT,
    method TEXT
) STRICT;

CREATE TABLE tasks (
    id INTEGER PRIMARY KEY,
    zone INTEGER NOT NULL REFERENCES zones ON DELETE CASCADE,
    title TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('candidate', 'open', 'done', 'dismissed')),
    done_by TEXT CHECK (done_by IN ('camera', 'person')),
    done_at TEXT,
    seen_gone INTEGER CHECK (seen_gone IN (0, 1)), -- the mess, since it was ticked off
    dismissed_until TEXT,
    provider TEXT NOT NULL,
    confidence REAL NOT NULL,
    -- Where in the picture, as fractions from the upper left corner.
    region_x REAL,
    region_y REAL,
    region_width REAL,
    region_height REAL,
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    gone_readings INTEGER NOT NULL,
    -- Its item on the household's list.
    item_list TEXT,
    item_uid TEXT,
    item_status TEXT CHECK (item_status IN ('needs_action', 'completed'))
) STRICT;

-- What the to-do lists still have to be told, in the order of place. Without a
-- reference to zones and tasks: their items are removed after they are gone.
CREATE TABLE todo_outbox (
    place INTEGER PRIMARY KEY,
    task INTEGER NOT NULL,
    zone INTEGER NOT NULL,
    list TEXT NOT NULL,
    want TEXT NOT NULL CHECK (want IN ('open', 'completed', 'removed')),
    summary TEXT NOT NULL,
    uid TEXT,
    attempted TEXT, -- JSON list of uids
    UNIQUE (task, list)
) STRICT;

CREATE TABLE readings (
    zone INTEGER NOT NULL REFERENCES zones ON DELETE CASCADE,
    at TEXT NOT NULL,
    score INTEGER NOT NULL CHECK (score BETWEEN 0 AND 100),
    confidence REAL NOT NULL,
    provider TEXT NOT NULL,
    open_tasks INTEGER NOT NULL,
    PRIMARY KEY (zone, at)
) STRICT, WITHOUT ROWID;

-- One row.
CREATE TABLE house (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    day TEXT, -- local; the four counters belong to it
    calls INTEGER NOT NULL DEFAULT 0,
    saved INTEGER NOT NULL DEFAULT 0,
    checks INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    -- The highest ids ever given, also of what is gone.
    last_zone INTEGER NOT NULL DEFAULT 0,
    last_task INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO house (id) VALUES (1);
";

/// What version 2 adds.
pub const VERSION_2: &str = "
-- JSON: all of the zone's options, also those with a column of their own.
ALTER TABLE zones ADD COLUMN options TEXT;

-- What providers outside took, a row for each day and model.
CREATE TABLE spending (
    day TEXT NOT NULL, -- local
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    calls INTEGER NOT NULL,
    cost INTEGER NOT NULL, -- millionths of a US dollar
    tokens_in INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL,
    PRIMARY KEY (day, provider, model)
) STRICT, WITHOUT ROWID;

-- What is known about providers: picture tests, consent, uploads to clean up.
CREATE TABLE notes (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";

/// What version 3 adds: what is learnt of the lists, and the words their items
/// got from us.
pub const VERSION_3: &str = "
ALTER TABLE tasks ADD COLUMN item_words TEXT; -- as we gave them; others are a person's

CREATE TABLE lists (
    list TEXT PRIMARY KEY,
    drops_completed INTEGER NOT NULL CHECK (drops_completed IN (0, 1))
) STRICT, WITHOUT ROWID;
";

/// What version 4 adds: a zone that is to be left alone for a while.
pub const VERSION_4: &str = "
ALTER TABLE zone_state ADD COLUMN snoozed_until TEXT;
";

/// What version 5 adds: how much a task matters, what people set and said by
/// entities and on the page, and rows of days in order.
pub const VERSION_5: &str = "
ALTER TABLE tasks ADD COLUMN priority TEXT CHECK (priority IN ('low', 'normal', 'high'));
ALTER TABLE zone_state ADD COLUMN pickiness_set INTEGER; -- 1 to 5, chosen from an entity
ALTER TABLE zone_state ADD COLUMN pickiness_replaced INTEGER; -- the option at that time
ALTER TABLE zone_state ADD COLUMN snoozed_for INTEGER; -- minutes
ALTER TABLE zone_state ADD COLUMN rules TEXT; -- JSON: what is no task, besides the options
ALTER TABLE zone_state ADD COLUMN rules_replaced TEXT; -- JSON: the option at that time
ALTER TABLE zone_state ADD COLUMN streak_day TEXT; -- local
ALTER TABLE zone_state ADD COLUMN streak_days INTEGER; -- in order, before that day
ALTER TABLE zone_state ADD COLUMN streak_looked INTEGER CHECK (streak_looked IN (0, 1));
ALTER TABLE zone_state ADD COLUMN streak_clear INTEGER CHECK (streak_clear IN (0, 1));
";

/// What version 6 adds: what of a zone's pictures nobody may see.
pub const VERSION_6: &str = "
ALTER TABLE zone_state ADD COLUMN masks TEXT; -- JSON list, one for each camera; empty: nothing is hidden
";
