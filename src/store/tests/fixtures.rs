//! A full household in the schema of each release, as SQL. What this program
//! writes is held to the latest; what older ones wrote must open as it was.
//!
//! After a new step in `migrations`, once for each release:
//!
//! ```sh
//! AICLEANER_WRITE_SCHEMA_FIXTURE=1 cargo test --lib store::tests::fixtures
//! ```

use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use rusqlite::Connection;

use super::*;
use crate::store::migrations::CURRENT;

fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "src/store/tests/fixtures"]
        .iter()
        .collect()
}

fn fixture(version: u32) -> PathBuf {
    folder().join(format!("schema-{version}.sql"))
}

/// Everything in the file, as statements that make it again.
fn dump(connection: &Connection) -> String {
    let texts = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let mut sql = String::new();
    for statement in
        texts("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type DESC, name")
    {
        writeln!(sql, "{statement};").unwrap();
    }
    for table in texts("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name") {
        let columns = texts(&format!("SELECT name FROM pragma_table_info('{table}')"));
        let quoted: Vec<_> = columns.iter().map(|c| format!("quote(\"{c}\")")).collect();
        let values = quoted.join(" || ', ' || ");
        let names = columns.join(", ");
        for row in texts(&format!("SELECT {values} FROM {table} ORDER BY 1")) {
            writeln!(sql, "INSERT INTO {table} ({names}) VALUES ({row});").unwrap();
        }
    }
    let version: u32 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    writeln!(sql, "PRAGMA user_version = {version};").unwrap();
    sql
}

/// A dump without its rows: options and findings may gain fields in between.
fn schema(dump: &str) -> Vec<&str> {
    let lines = dump.lines();
    lines.filter(|line| !line.starts_with("INSERT ")).collect()
}

/// The database that a dump describes.
fn restore(sql: &str, path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    // Rows come in the order of their tables' names.
    connection
        .pragma_update(None, "foreign_keys", false)
        .unwrap();
    connection.execute_batch(sql).unwrap();
    connection
}

#[test]
fn the_schema_is_the_one_of_its_fixture() {
    let dir = TempDir::new().unwrap();
    let (mut database, _) = open(&dir);
    database.commit(&full_household().0).unwrap();
    let written = dump(database.connection());
    let path = fixture(CURRENT);
    if env::var_os("AICLEANER_WRITE_SCHEMA_FIXTURE").is_some() {
        fs::create_dir_all(folder()).unwrap();
        fs::write(&path, &written).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        schema(&written),
        schema(&kept),
        "the schema changed: add a step to migrations, then write its fixture"
    );
}

#[test]
fn a_database_of_every_release_opens_with_all_that_it_held() {
    let mut seen = 0;
    for version in 1..=CURRENT {
        let Ok(sql) = fs::read_to_string(fixture(version)) else {
            continue;
        };
        seen += 1;
        let dir = TempDir::new().unwrap();
        drop(restore(&sql, &dir.path().join(opening::FILE)));
        let (mut database, remembered) = open(&dir);
        let expected = full_household().1;
        assert_eq!(remembered.tasks, expected.tasks, "of version {version}");
        assert_eq!(remembered.outbox, expected.outbox, "of version {version}");
        assert_eq!(remembered.zones.len(), expected.zones.len());
        // What came later is not in older files.
        if version == CURRENT {
            assert_eq!(remembered, expected);
        }
        let history = database.history(ZoneId(1), now(), 9).unwrap();
        assert_eq!(history, [reading(1, now())]);
        database.commit(&full_household().0).unwrap();
        assert_eq!(open(&dir).1, full_household().1);
    }
    assert!(seen > 0, "there are no fixtures");
}

/// An older program meets a newer file: it says so and keeps it whole, and the
/// newer program finds everything in it again.
#[test]
fn going_back_to_an_older_version_loses_nothing() {
    let sql = fs::read_to_string(fixture(CURRENT)).unwrap();
    let dir = TempDir::new().unwrap();
    let path = dir.path().join(opening::FILE);
    let newer = restore(&sql, &path);
    newer
        .pragma_update(None, "user_version", CURRENT + 1)
        .unwrap();
    drop(newer);
    let (database, remembered, notices) = opening::open(dir.path(), now());
    database.close();
    assert_eq!(remembered.zones, []);
    let aside = dir.path().join("aicleaner.db.newer-20261122T174100Z");
    let [notice] = &notices[..] else {
        panic!("{notices:?}")
    };
    assert!(notice.contains(aside.to_str().unwrap()), "{notice}");
    assert!(notice.contains("give the file its old name"), "{notice}");

    fs::rename(&aside, &path).unwrap();
    let newer = Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", CURRENT).unwrap();
    drop(newer);
    assert_eq!(open(&dir).1, full_household().1);
}
