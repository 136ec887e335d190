//! The test home: what the self-test and the demo need around the service.

pub mod test_home;
