//! The thread and its queue: many callers, and the end.

use std::{fs, sync::Arc, time::Duration};

use futures_util::future::join_all;
use rusqlite::Connection;

use super::*;

const SOON: Duration = Duration::from_secs(10);

fn store(dir: &TempDir) -> Arc<SqliteStore> {
    let (store, _, notices) = SqliteStore::open(dir.path(), now());
    assert_eq!(notices, [""; 0]);
    Arc::new(store)
}

#[tokio::test]
async fn what_is_committed_is_there_and_can_be_asked_for() {
    let dir = TempDir::new().unwrap();
    let store = store(&dir);
    let changes = vec![Change::Zone(zone(1)), Change::Reading(reading(1, now()))];
    store.commit(changes).await.unwrap();
    store.commit(vec![]).await.unwrap();
    let history = store.history(ZoneId(1), now(), 5).await.unwrap();
    assert_eq!(history, [reading(1, now())]);
    assert_eq!(store.busy_for(), Duration::ZERO);

    store.close(SOON).await.unwrap();
    store.close(SOON).await.unwrap();
    let sentence = store.commit(vec![]).await.unwrap_err();
    assert!(sentence.contains("closed"), "{sentence}");
    let files = fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(
        files, 2,
        "the log went into the file, and a copy of it lies beside"
    );
    assert_eq!(open(&dir).1.last_zone, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commits_of_many_callers_are_all_there() {
    let dir = TempDir::new().unwrap();
    let store = store(&dir);
    store.commit(vec![Change::Zone(zone(1))]).await.unwrap();
    let callers = (0..16).map(|caller| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for number in 0..10 {
                let id = 9_000_000 + caller * 10 + number;
                store.commit(vec![Change::Task(task(id, 1))]).await.unwrap();
            }
        })
    });
    for caller in join_all(callers).await {
        caller.unwrap();
    }
    drop(store);
    assert_eq!(open(&dir).1.tasks.len(), 160);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_under_load_keeps_what_was_acknowledged_and_no_more_is_taken() {
    let dir = TempDir::new().unwrap();
    let store = store(&dir);
    store.commit(vec![Change::Zone(zone(1))]).await.unwrap();
    let (first, mut begun) = tokio::sync::mpsc::channel(1);
    // More callers than the queue has places.
    let callers: Vec<_> = (0..100_u64)
        .map(|caller| {
            let (store, first) = (Arc::clone(&store), first.clone());
            tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                for number in 0_u64.. {
                    let id = 9_000_000 + caller * 100_000 + number;
                    match store.commit(vec![Change::Task(task(id, 1))]).await {
                        Ok(()) => acknowledged.push(TaskId(id)),
                        Err(_) => break,
                    }
                    first.try_send(()).ok();
                }
                acknowledged
            })
        })
        .collect();
    begun.recv().await.unwrap();
    store.close(SOON).await.unwrap();
    let mut acknowledged = Vec::new();
    for caller in join_all(callers).await {
        acknowledged.extend(caller.unwrap());
    }
    let (_, remembered) = open(&dir);
    let kept: Vec<_> = remembered.tasks.iter().map(|task| task.id).collect();
    acknowledged.sort_unstable();
    assert!(!acknowledged.is_empty());
    assert_eq!(kept, acknowledged);
}

#[tokio::test]
async fn a_stuck_disk_makes_callers_wait_shows_and_passes() {
    let dir = TempDir::new().unwrap();
    let store = store(&dir);
    let other = Connection::open(dir.path().join(opening::FILE)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let callers: Vec<_> = (0..100_u32)
        .map(|id| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.commit(vec![Change::Zone(zone(id + 1))]).await })
        })
        .collect();
    let shows = async {
        while store.busy_for() < Duration::from_millis(50) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(SOON, shows).await.unwrap();
    let late = store.close(Duration::from_millis(50)).await.unwrap_err();
    assert!(late.contains("not closed"), "{late}");
    other.execute_batch("ROLLBACK").unwrap();
    for caller in join_all(callers).await {
        caller.unwrap().unwrap();
    }
    assert_eq!(store.busy_for(), Duration::ZERO);
}

#[tokio::test]
async fn closing_finishes_what_is_queued() {
    let dir = TempDir::new().unwrap();
    let store = store(&dir);
    let mut asked: Vec<_> = (1..=50)
        .map(|id| store.commit(vec![Change::Zone(zone(id))]))
        .collect();
    for asked in &mut asked {
        let _ = futures_util::poll!(asked);
    }
    store.close(SOON).await.unwrap();
    assert_eq!(open(&dir).1.zones.len(), 50);
}

#[tokio::test]
async fn dropping_the_store_finishes_what_is_queued() {
    let dir = TempDir::new().unwrap();
    let (store, _, _) = SqliteStore::open(dir.path(), now());
    for id in 1..=50 {
        // Queued, and the caller goes away.
        let mut asked = store.commit(vec![Change::Zone(zone(id))]);
        let _ = futures_util::poll!(&mut asked);
    }
    drop(store);
    let files = fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(
        files, 2,
        "the log went into the file, and a copy of it lies beside"
    );
    assert_eq!(open(&dir).1.zones.len(), 50);
}
