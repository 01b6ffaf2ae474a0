//! The developer's chores: what CI runs is `cargo xtask check`.

fn main() {}
