//! From any older file to the tables of today, a step at a time. The file's
//! `user_version` says how many steps it has behind it.

use rusqlite::{Connection, TransactionBehavior::Immediate};

use super::{house, schema};

/// Step n makes version n + 1 of version n. Released steps never change.
const STEPS: [&str; 6] = [
    schema::VERSION_1,
    schema::VERSION_2,
    schema::VERSION_3,
    schema::VERSION_4,
    schema::VERSION_5,
    schema::VERSION_6,
];

/// The version this program writes.
pub const CURRENT: u32 = STEPS.len() as u32;

/// The file's version; 0: nothing in it yet.
pub fn version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Runs the steps that are missing, each in a transaction of its own. A new
/// file counts its tasks from `first_task` on.
pub fn run(connection: &mut Connection, first_task: u64) -> rusqlite::Result<()> {
    run_steps(connection, &STEPS, first_task)
}

fn run_steps(connection: &mut Connection, steps: &[&str], first_task: u64) -> rusqlite::Result<()> {
    let behind = version(connection)?;
    for (number, step) in (0_u32..).zip(steps).skip(behind as usize) {
        let transaction = connection.transaction_with_behavior(Immediate)?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", number + 1)?;
        if number == 0 {
            house::raise_last_task(&transaction, first_task)?;
        }
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_missing_steps_run_and_a_broken_one_leaves_no_trace() {
        let mut connection = Connection::open_in_memory().unwrap();
        run(&mut connection, 0).unwrap();
        run(&mut connection, 0).unwrap();
        assert_eq!(version(&connection).unwrap(), CURRENT);

        let broken = "ALTER TABLE zones ADD COLUMN pets TEXT; ALTER TABLE nowhere ADD COLUMN x;";
        let mut steps = STEPS.to_vec();
        steps.push(broken);
        assert!(run_steps(&mut connection, &steps, 0).is_err());
        assert_eq!(version(&connection).unwrap(), CURRENT);
        assert!(connection.execute_batch("SELECT pets FROM zones").is_err());

        *steps.last_mut().unwrap() = "ALTER TABLE zones ADD COLUMN pets TEXT";
        run_steps(&mut connection, &steps, 0).unwrap();
        assert_eq!(version(&connection).unwrap(), CURRENT + 1);
        connection.execute_batch("SELECT pets FROM zones").unwrap();
    }
}
