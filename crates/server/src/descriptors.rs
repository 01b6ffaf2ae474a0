//! File descriptors: every connection needs one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors for everything that is not a connection: files of the store, blobs under way.
const OTHERS: u64 = 2048;

/// Raises the process's limit, as far as it may, so that it suffices for `connections`, and says so
/// if it does not. Gives the number of connections that it does suffice for.
pub(crate) fn suffice_for(connections: usize) -> usize {
    let needed = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(OTHERS);
    let limit = getrlimit(Resource::Nofile);
    // No limit is written as none.
    let (soft, hard) = (limit.current.unwrap_or(u64::MAX), limit.maximum.unwrap_or(u64::MAX));
    let wanted = needed.min(hard);
    let soft = if soft >= wanted {
        soft
    } else {
        match setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), ..limit }) {
            Ok(()) => wanted,
            Err(error) => {
                tracing::warn!(%error, "the limit of open files cannot be raised");
                soft
            }
        }
    };
    let possible = admits(soft, connections);
    if possible < connections {
        tracing::warn!(
            limit = soft,
            needed,
            connections = possible,
            "the limit of open files is too low for `limits.connections`: fewer are served",
        );
    }
    possible
}

/// How many of `connections` a limit of open files admits; never none.
fn admits(limit: u64, connections: usize) -> usize {
    // A limit below that is shared half and half.
    let left = limit.saturating_sub(OTHERS).max(limit / 2).max(1);
    connections.min(usize::try_from(left).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_connection_has_a_descriptor_and_the_store_has_its_own() {
        assert_eq!(admits(OTHERS + 100, 100), 100);
        assert_eq!(admits(OTHERS * 4, 100_000), usize::try_from(OTHERS * 3).unwrap());
        assert_eq!(admits(1024, 100_000), 512);
        assert_eq!(admits(0, 100), 1);
        assert_eq!(admits(u64::MAX, 100), 100);
    }
}
