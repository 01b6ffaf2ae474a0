//! What a power loss can leave: each change that was not synced independently kept, dropped or,
//! for a write, torn into sectors of which each is kept or dropped.

use crate::disk::{Contents, FaultyDisk, FileChange, Names, World, parent};
use crate::random::SeededRandom;
use crate::sparse::Sparse;

/// What a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;

/// How much of what was not synced a loss keeps. All of it and none of it are cases of their own
/// because they are common and chance would hardly ever find them.
#[derive(Clone, Copy)]
enum Fate {
    Everything,
    Nothing,
    Each,
}

impl FaultyDisk {
    /// A disk as it might be found when the power is back: a new one, without faults and with the
    /// same limits. The seed decides what survived.
    #[must_use]
    pub fn crash(&self, seed: u64) -> Self {
        let random = SeededRandom::new(seed);
        let fate = match random.below(8) {
            0 => Fate::Everything,
            1 => Fate::Nothing,
            _ => Fate::Each,
        };
        let world = self.world().clone();
        let names = surviving_names(&world, fate, &random);
        let mut after = world.fresh();
        after.live = names.clone();
        after.durable = names;
        for (id, contents) in &world.files {
            let bytes = surviving_bytes(contents, fate, &random);
            let contents = Contents { live: bytes.clone(), durable: bytes, pending: Vec::new() };
            after.files.insert(*id, contents);
        }
        Self::of(after)
    }
}

fn surviving_names(world: &World, fate: Fate, random: &SeededRandom) -> Names {
    let mut names = world.durable.clone();
    for change in &world.pending {
        let kept = match fate {
            Fate::Everything => true,
            Fate::Nothing => false,
            Fate::Each => random.once_in(2),
        };
        if kept {
            names.change(change);
        }
    }
    // What lies in a directory whose own name was lost is lost with it.
    loop {
        let directories = names.directories.clone();
        let there = |path: &str| parent(path).is_empty() || directories.contains(parent(path));
        names.directories.retain(|path| there(path));
        if names.directories.len() == directories.len() {
            names.files.retain(|path, _| there(path));
            return names;
        }
    }
}

fn surviving_bytes(contents: &Contents, fate: Fate, random: &SeededRandom) -> Sparse {
    let mut bytes = contents.durable.clone();
    for change in &contents.pending {
        match (fate, change) {
            (Fate::Nothing, _) => {}
            (Fate::Everything, change) => change.apply(&mut bytes),
            (Fate::Each, FileChange::Write { offset, bytes: written }) => match random.below(3) {
                0 => {}
                1 => change.apply(&mut bytes),
                _ => tear(*offset, written, &mut bytes, random),
            },
            (Fate::Each, FileChange::Length(_)) => {
                if random.once_in(2) {
                    change.apply(&mut bytes);
                }
            }
        }
    }
    bytes
}

fn tear(offset: u64, written: &[u8], bytes: &mut Sparse, random: &SeededRandom) {
    let mut at = offset;
    for sector in written.chunks(SECTOR_BYTES) {
        if random.once_in(2) {
            bytes.write(at, sector);
        }
        at = at.saturating_add(sector.len() as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::embedded::{Disk, Open};

    fn read(disk: &FaultyDisk, path: &str) -> Option<Vec<u8>> {
        let file = disk.open(path, Open::Existing).ok()?;
        let mut bytes = vec![0; usize::try_from(file.length().unwrap()).unwrap()];
        file.read_at(0, &mut bytes).unwrap();
        Some(bytes)
    }

    #[test]
    fn what_was_synced_survives_every_crash() {
        let disk = FaultyDisk::new();
        let file = disk.open("a", Open::New).unwrap();
        file.write_at(0, b"kept").unwrap();
        file.sync().unwrap();
        disk.sync_dir("").unwrap();
        file.write_at(0, b"lost").unwrap();
        let left: Vec<_> = (0..64).map(|seed| read(&disk.crash(seed), "a").unwrap()).collect();
        assert!(left.iter().all(|bytes| bytes == b"kept" || bytes == b"lost"));
        assert!(left.iter().any(|bytes| bytes == b"kept"), "an unsynced write may be dropped");
        assert!(left.iter().any(|bytes| bytes == b"lost"), "an unsynced write may be kept");
    }

    #[test]
    fn a_name_survives_only_with_its_directory() {
        let disk = FaultyDisk::new();
        let file = disk.open("a", Open::New).unwrap();
        file.write_at(0, b"x").unwrap();
        file.sync().unwrap();
        let found = (0..64).filter(|seed| read(&disk.crash(*seed), "a").is_some()).count();
        assert!(found > 0 && found < 64, "{found} of 64");
        disk.sync_dir("").unwrap();
        assert!((0..64).all(|seed| read(&disk.crash(seed), "a").is_some()));
    }

    #[test]
    fn a_long_write_may_be_torn_at_a_sector() {
        let disk = FaultyDisk::new();
        let file = disk.open("a", Open::New).unwrap();
        file.write_at(0, &[0; 2048]).unwrap();
        file.sync().unwrap();
        disk.sync_dir("").unwrap();
        file.write_at(0, &[1; 2048]).unwrap();
        let torn = (0..64).filter_map(|seed| read(&disk.crash(seed), "a")).any(|bytes| {
            bytes.chunks(512).all(|sector| sector.iter().all(|b| *b == sector[0]))
                && bytes.contains(&0)
                && bytes.contains(&1)
        });
        assert!(torn);
    }
}
