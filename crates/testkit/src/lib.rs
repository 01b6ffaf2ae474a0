//! Contract suites, a fake clock, seeded randomness and a faulted disk, for tests only.
