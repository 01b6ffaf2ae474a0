//! What the record must say of the requests that a test has sent.

use std::collections::HashMap;

use audit::disk::FileDisk;
use audit::entry::{Entrance, Leaf, Opened};
use audit::{Reader, RequestIds};
