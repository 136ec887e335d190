//! The loop of life: when to check, what to do with the answer.
