//! HTTP in, HTTP out: the operation table and the door.
