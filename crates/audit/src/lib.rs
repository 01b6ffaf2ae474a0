//! What happened: entries, permits, and the Merkle journal.
