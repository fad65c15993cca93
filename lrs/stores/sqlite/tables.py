"""The tables of the file."""

from lrs.stores.sqlite import finder

LAYOUT = 1
"""Raised whenever the tables change in a way that older files do not have."""

# For `dictionary` and `sampled` see lrs.stores.sqlite.packing; for `erased` and `erasure`, lrs.stores.sqlite.erasing;
# for the index, lrs.stores.sqlite.finder.
TABLES = f"""
PRAGMA user_version = {LAYOUT};
CREATE TABLE IF NOT EXISTS statement (
    sequence INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    dictionary INTEGER NOT NULL,
    text BLOB NOT NULL,
    voided INTEGER NOT NULL DEFAULT 0,
    target BLOB
);
CREATE TABLE IF NOT EXISTS dictionary (number INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS sampled (
    number INTEGER PRIMARY KEY,
    lowest INTEGER NOT NULL,
    highest INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS erased (mark BLOB PRIMARY KEY, day INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS erasure (salt BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS statement_target ON statement (target) WHERE target IS NOT NULL;
CREATE TABLE IF NOT EXISTS head (claimed INTEGER NOT NULL, count INTEGER NOT NULL);
INSERT INTO head SELECT 0, 0 WHERE NOT EXISTS (SELECT 1 FROM head);
CREATE TABLE IF NOT EXISTS activity (iri TEXT PRIMARY KEY, definition BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS attachment (sha2 TEXT PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS document (
    resource TEXT NOT NULL,
    activity TEXT NOT NULL,
    agent TEXT NOT NULL,
    id TEXT NOT NULL,
    registration TEXT NOT NULL,
    content BLOB NOT NULL,
    content_type TEXT NOT NULL,
    updated INTEGER NOT NULL,
    PRIMARY KEY (resource, activity, agent, id, registration)
);
CREATE TABLE IF NOT EXISTS record (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    text BLOB NOT NULL,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tally (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
{finder.TABLES}"""
