//! Whole bundles and lowest tiles, sixteen of each to a file: to make and delete a file for every
//! 256 leaves costs more than to write them.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Directory, JournalDisk, Settle, cut};
use crate::merkle::{Low, lowest};
use crate::sealed::file::crc;

/// The directory of the packs.
const PACKS: &str = "packs";
/// What a record begins with: no leaf has such a byte in it.
const MAGIC: [u8; 4] = [0xff, b'S', b'R', b'P'];
const VERSION: u8 = 1;
/// Magic, version, kind, number, length, checksum.
const HEAD_BYTES: usize = 4 + 1 + 1 + 8 + 4 + 4;
/// Bundles of one pack, and as many tiles: together [`SLOTS`].
const PACK_BUNDLES: u64 = 16;
const SLOTS: usize = 32;

/// The journal's directory, with packs.
pub type FileDisk = Packed<Directory>;

/// A disk on which whole bundles and tiles of level 0 that need not be durable at once are records
/// of a few files. Under their own paths they are read, listed and removed like any other file; one
/// that has a file of its own, as all had once, is that file.
///
/// A record that was cut short is not there. A pack goes with the last of its records; what is
/// removed of it before is back when the disk is opened again.
pub struct Packed<D: ?Sized> {
    packs: Mutex<BTreeMap<u64, Pack>>,
    disk: Arc<D>,
}

/// What is known of one pack.
#[derive(Default)]
struct Pack {
    /// Where the record of each slot is, head included.
    places: [Option<Range<u64>>; SLOTS],
    /// Where the next record begins.
    end: u64,
}

/// A bundle's or a tile's place among the packs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Slot {
    low: Low,
    number: u64,
}

impl Slot {
    fn of(path: &str) -> Option<Self> {
        lowest(path).map(|(low, number)| Self { low, number })
    }

    fn pack(self) -> u64 {
        self.number / PACK_BUNDLES
    }

    fn place(self) -> usize {
        let tiles = if self.low == Low::Tile { PACK_BUNDLES } else { 0 };
        usize::try_from(tiles.saturating_add(self.number % PACK_BUNDLES)).unwrap_or(SLOTS)
    }

    fn at(pack: u64, place: usize) -> Self {
        let place = u64::try_from(place).unwrap_or(u64::MAX);
        let low = if place < PACK_BUNDLES { Low::Bundle } else { Low::Tile };
        let first = pack.saturating_mul(PACK_BUNDLES);
        Self { low, number: first.saturating_add(place % PACK_BUNDLES) }
    }

    /// The head of a record with so many bytes.
    fn head(self, length: usize) -> Vec<u8> {
        let mut head = MAGIC.to_vec();
        head.push(VERSION);
        head.push(u8::from(self.low == Low::Tile));
        head.extend_from_slice(&self.number.to_be_bytes());
        head.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
        let sum = crc(&head);
        head.extend_from_slice(&sum.to_be_bytes());
        head
    }

    /// Reads a head: whose record it is, and how many bytes follow.
    fn parse(head: &[u8]) -> Option<(Self, u64)> {
        let (checked, sum) = head.get(..HEAD_BYTES)?.split_last_chunk::<4>()?;
        let rest = checked.strip_prefix(&MAGIC)?.strip_prefix(&[VERSION])?;
        let (kind, rest) = rest.split_first()?;
        let (number, length) = rest.split_first_chunk::<8>()?;
        let length = u32::from_be_bytes(*length.first_chunk::<4>()?);
        let low = match kind {
            0 => Low::Bundle,
            1 => Low::Tile,
            _ => return None,
        };
        let whole = crc(checked) == u32::from_be_bytes(*sum);
        whole.then_some((Self { low, number: u64::from_be_bytes(*number) }, u64::from(length)))
    }
}

fn pack_path(pack: u64) -> String {
    let first = pack.saturating_mul(PACK_BUNDLES).saturating_mul(256);
    format!("{PACKS}/{first:020}")
}

fn size(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

impl FileDisk {
    /// The journal in that directory, to read; nothing keeps another process from writing to it.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self::on(Arc::new(Directory::new(root)))
    }

    /// The journal in that directory, for its one writer.
    ///
    /// # Errors
    /// `ErrorKind::WouldBlock` if another process writes to it, or the disk fails.
    pub fn exclusive(root: PathBuf) -> io::Result<Self> {
        Ok(Self::on(Arc::new(Directory::exclusive(root)?)))
    }
}

impl<D: JournalDisk + ?Sized> Packed<D> {
    /// Packs on any disk, which nobody else writes to.
    #[must_use]
    pub fn on(disk: Arc<D>) -> Self {
        Self { packs: Mutex::default(), disk }
    }

    fn packs(&self) -> MutexGuard<'_, BTreeMap<u64, Pack>> {
        // What is half known after a panic is compared with the heads when it is read.
        self.packs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a slot's record is, head included.
    fn place(&self, slot: Slot) -> io::Result<Option<Range<u64>>> {
        let mut packs = self.packs();
        if let Some(pack) = packs.get(&slot.pack())
            && let Some(Some(place)) = pack.places.get(slot.place())
        {
            return Ok(Some(place.clone()));
        }
        let pack = self.look(&mut packs, slot.pack())?;
        Ok(pack.and_then(|pack| pack.places.get(slot.place()).cloned().flatten()))
    }

    /// The pack with what was added to its file since it was last looked at; `None` if there is
    /// none.
    fn look<'p>(
        &self,
        packs: &'p mut BTreeMap<u64, Pack>,
        number: u64,
    ) -> io::Result<Option<&'p mut Pack>> {
        let path = pack_path(number);
        let Some(length) = self.disk.length(&path)? else {
            packs.remove(&number);
            return Ok(None);
        };
        let pack = packs.entry(number).or_default();
        if length < pack.end {
            *pack = Pack::default();
        }
        while pack.end < length {
            let at = pack.end;
            let head = at..at.saturating_add(size(HEAD_BYTES));
            let head = self.disk.read_part(&path, head)?.unwrap_or_default();
            if head.len() < HEAD_BYTES {
                break;
            }
            let known = Slot::parse(&head).filter(|(slot, _)| slot.pack() == number);
            let Some((slot, bytes)) = known else {
                pack.end = self.next_head(&path, at..length)?;
                continue;
            };
            let end = at.saturating_add(size(HEAD_BYTES)).saturating_add(bytes);
            if end > length {
                // Cut short, or still being written.
                break;
            }
            if let Some(place) = pack.places.get_mut(slot.place()) {
                *place = Some(at..end);
            }
            pack.end = end;
        }
        Ok(Some(pack))
    }

    /// Where the next head may be after one that is damaged, or the end.
    fn next_head(&self, path: &str, bad: Range<u64>) -> io::Result<u64> {
        let rest = self.disk.read_part(path, bad.clone())?.unwrap_or_default();
        let after = rest.windows(MAGIC.len()).skip(1).position(|bytes| bytes == MAGIC);
        Ok(after
            .map_or(bad.end, |skipped| bad.start.saturating_add(1).saturating_add(size(skipped))))
    }

    /// The bytes of a slot's record.
    fn record(&self, slot: Slot) -> io::Result<Option<Vec<u8>>> {
        let Some(place) = self.place(slot)? else { return Ok(None) };
        let read = self.disk.read_part(&pack_path(slot.pack()), place)?;
        // The pack may have gone meanwhile, and another have been begun.
        let whole = read.filter(|bytes| {
            let length = size(bytes.len().saturating_sub(HEAD_BYTES));
            Slot::parse(bytes) == Some((slot, length))
        });
        Ok(whole.map(|mut bytes| {
            bytes.drain(..HEAD_BYTES);
            bytes
        }))
    }

    /// Adds a record, after what is there.
    fn add(&self, slot: Slot, bytes: &[u8]) -> io::Result<()> {
        let (mut packs, path) = (self.packs(), pack_path(slot.pack()));
        if !packs.contains_key(&slot.pack()) {
            self.look(&mut packs, slot.pack())?;
        }
        let pack = packs.entry(slot.pack()).or_default();
        let record = [&slot.head(bytes.len()), bytes].concat();
        // What was cut short is overwritten, and what cannot be read is left alone.
        self.disk.write(&path, pack.end, &record)?;
        let end = pack.end.saturating_add(size(record.len()));
        if let Some(place) = pack.places.get_mut(slot.place()) {
            *place = Some(pack.end..end);
        }
        pack.end = end;
        Ok(())
    }

    /// Takes a record out of what is known; the pack goes with its last one.
    fn take_out(&self, slot: Slot) -> io::Result<()> {
        let mut packs = self.packs();
        if !packs.contains_key(&slot.pack()) {
            self.look(&mut packs, slot.pack())?;
        }
        let Some(pack) = packs.get_mut(&slot.pack()) else { return Ok(()) };
        if let Some(place) = pack.places.get_mut(slot.place()) {
            *place = None;
        }
        if pack.places.iter().all(Option::is_none) {
            self.disk.remove(&pack_path(slot.pack()))?;
            packs.remove(&slot.pack());
        }
        Ok(())
    }

    /// The paths of all records.
    fn paths(&self) -> io::Result<Vec<String>> {
        let mut paths = Vec::new();
        let mut packs = self.packs();
        for name in self.disk.list(PACKS)? {
            let Some(first) = name.parse::<u64>().ok().filter(|_| name.len() == 20) else {
                continue;
            };
            let number = first / 256 / PACK_BUNDLES;
            if let Some(pack) = self.look(&mut packs, number)? {
                let there = pack.places.iter().enumerate().filter(|(_, place)| place.is_some());
                paths.extend(there.map(|(place, _)| {
                    let slot = Slot::at(number, place);
                    slot.low.path(slot.number)
                }));
            }
        }
        Ok(paths)
    }
}

impl<D: JournalDisk + ?Sized> JournalDisk for Packed<D> {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        match (self.disk.read(path)?, Slot::of(path)) {
            (None, Some(slot)) => self.record(slot),
            (read, _) => Ok(read),
        }
    }

    fn read_part(&self, path: &str, part: Range<u64>) -> io::Result<Option<Vec<u8>>> {
        if Slot::of(path).is_none() {
            return self.disk.read_part(path, part);
        }
        Ok(self.read(path)?.map(|whole| cut(whole, &part)))
    }

    fn length(&self, path: &str) -> io::Result<Option<u64>> {
        match (self.disk.length(path)?, Slot::of(path)) {
            (None, Some(slot)) => {
                let bytes = |place: Range<u64>| {
                    place.end.saturating_sub(place.start).saturating_sub(size(HEAD_BYTES))
                };
                Ok(self.place(slot)?.map(bytes))
            }
            (length, _) => Ok(length),
        }
    }

    fn list(&self, directory: &str) -> io::Result<Vec<String>> {
        let mut names = self.disk.list(directory)?;
        if directory == "tile" || directory.starts_with("tile/") {
            let mut all: BTreeSet<String> = names.into_iter().collect();
            let within = |path: &String| {
                let rest = path.strip_prefix(directory)?.strip_prefix('/')?;
                rest.split('/').next().map(str::to_owned)
            };
            all.extend(self.paths()?.iter().filter_map(within));
            names = all.into_iter().collect();
        }
        Ok(names)
    }

    fn write(&self, path: &str, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.disk.write(path, at, bytes)
    }

    fn sync(&self, paths: &[String]) -> io::Result<()> {
        let packs = self.packs();
        let mut files = BTreeSet::new();
        for path in paths {
            let packed = Slot::of(path).filter(|slot| {
                let pack = packs.get(&slot.pack());
                pack.is_some_and(|pack| matches!(pack.places.get(slot.place()), Some(Some(_))))
            });
            files.insert(packed.map_or_else(|| path.clone(), |slot| pack_path(slot.pack())));
        }
        drop(packs);
        self.disk.sync(&files.into_iter().collect::<Vec<String>>())
    }

    fn replace(&self, path: &str, bytes: &[u8], settle: Settle) -> io::Result<()> {
        match Slot::of(path).filter(|_| settle == Settle::Later) {
            Some(slot) if self.disk.length(path)?.is_none() => self.add(slot, bytes),
            _ => self.disk.replace(path, bytes, settle),
        }
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.disk.remove(path)?;
        Slot::of(path).map_or(Ok(()), |slot| self.take_out(slot))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{MemoryDisk, Survives};
    use super::*;
    use crate::merkle::{entries_path, tile_path};

    fn memory() -> (Arc<MemoryDisk>, Packed<MemoryDisk>) {
        let disk = Arc::new(MemoryDisk::new());
        (Arc::clone(&disk), Packed::on(disk))
    }

    fn again(disk: &MemoryDisk) -> (Arc<MemoryDisk>, Packed<MemoryDisk>) {
        let disk = Arc::new(disk.crashed(Survives::Written));
        (Arc::clone(&disk), Packed::on(disk))
    }

    fn bundle(number: u64) -> Vec<u8> {
        format!("leaves of {number}").into_bytes()
    }

    /// Bundles and tiles of those numbers.
    fn filled(numbers: Range<u64>) -> (Arc<MemoryDisk>, Packed<MemoryDisk>) {
        let (disk, packed) = memory();
        for number in numbers {
            packed.replace(&entries_path(number, None), &bundle(number), Settle::Later).unwrap();
            packed.replace(&tile_path(0, number, None), b"hashes", Settle::Later).unwrap();
        }
        (disk, packed)
    }

    fn read(disk: &impl JournalDisk, number: u64) -> Option<Vec<u8>> {
        disk.read(&entries_path(number, None)).unwrap()
    }

    #[test]
    fn records_are_read_measured_and_listed_as_the_files_that_they_stand_for() {
        let (disk, packed) = filled(14..1002);
        let files = disk.paths();
        assert_eq!((files.len(), files[0].as_str()), (63, "packs/00000000000000000000"));
        for packed in [packed, again(&disk).1] {
            for number in 14..1002 {
                assert_eq!(read(&packed, number), Some(bundle(number)));
            }
            let path = tile_path(0, 77, None);
            assert_eq!(packed.length(&path).unwrap(), Some(6));
            assert_eq!(packed.read_part(&path, 1..3).unwrap().unwrap(), b"as");
            assert_eq!(packed.length(&entries_path(13, None)).unwrap(), None);
            assert_eq!(packed.list("tile").unwrap(), ["0", "entries"]);
            let names = packed.list("tile/entries").unwrap();
            assert_eq!((names.len(), names[0].as_str(), names[986].as_str()), (987, "014", "x001"));
            assert_eq!(packed.list("tile/0/x001").unwrap(), ["000", "001"]);
        }
    }

    #[test]
    fn a_pack_goes_with_its_last_record_and_may_be_begun_again() {
        let (disk, packed) = filled(0..17);
        for number in 0..16 {
            assert!(disk.paths().contains(&pack_path(0)));
            packed.remove(&entries_path(number, None)).unwrap();
            packed.remove(&tile_path(0, number, None)).unwrap();
            assert_eq!(read(&packed, number), None);
        }
        assert_eq!(disk.paths(), [pack_path(1)]);
        packed.remove(&entries_path(3, None)).unwrap();
        packed.replace(&entries_path(3, None), b"new", Settle::Later).unwrap();
        assert_eq!(read(&packed, 3).unwrap(), b"new");
        assert_eq!(read(&packed, 4), None);
    }

    #[test]
    fn what_was_cut_short_is_not_there_and_is_overwritten() {
        let (disk, _) = filled(0..3);
        let whole = disk.read(&pack_path(0)).unwrap().unwrap();
        let third = whole.len() - (HEAD_BYTES + 6) - (HEAD_BYTES + bundle(2).len());
        for cut in third..third + HEAD_BYTES + bundle(2).len() {
            let (disk, packed) = again(&disk);
            disk.tamper(&pack_path(0), |_| Some(whole[..cut].to_vec()));
            assert_eq!((read(&packed, 1), read(&packed, 2)), (Some(bundle(1)), None), "{cut}");
            packed.replace(&entries_path(2, None), b"whole", Settle::Later).unwrap();
            let (_, packed) = again(&disk);
            assert_eq!(
                (read(&packed, 1), read(&packed, 2).unwrap()),
                (Some(bundle(1)), b"whole".to_vec())
            );
        }
    }

    #[test]
    fn a_damaged_head_costs_its_own_record_alone_and_nothing_is_overwritten() {
        let (disk, _) = filled(0..3);
        let whole = disk.read(&pack_path(0)).unwrap().unwrap();
        let second = 2 * HEAD_BYTES + bundle(0).len() + 6;
        for byte in second..second + HEAD_BYTES {
            let (disk, packed) = again(&disk);
            disk.tamper(&pack_path(0), |bytes| {
                bytes.map(|mut bytes| {
                    bytes[byte] ^= 0x10;
                    bytes
                })
            });
            let there = |packed: &Packed<MemoryDisk>| [0, 1, 2].map(|n| read(packed, n).is_some());
            assert_eq!(there(&packed), [true, false, true], "{byte}");
            packed.replace(&entries_path(1, None), b"again", Settle::Later).unwrap();
            let (disk, packed) = again(&disk);
            assert_eq!(there(&packed), [true; 3]);
            assert_eq!(
                disk.length(&pack_path(0)).unwrap(),
                Some(size(whole.len() + HEAD_BYTES + 5))
            );
        }
    }

    #[test]
    fn a_later_record_of_the_same_file_counts_and_a_file_of_its_own_counts_more() {
        let (disk, packed) = filled(0..2);
        packed.replace(&entries_path(0, None), b"later", Settle::Later).unwrap();
        for packed in [&packed, &again(&disk).1] {
            assert_eq!(read(packed, 0).unwrap(), b"later");
        }
        packed.replace(&entries_path(0, None), b"own", Settle::Now).unwrap();
        assert_eq!(disk.read(&entries_path(0, None)).unwrap().unwrap(), b"own");
        assert_eq!(
            (read(&packed, 0).unwrap(), read(&packed, 1)),
            (b"own".to_vec(), Some(bundle(1)))
        );
        packed.replace(&entries_path(0, None), b"mine", Settle::Later).unwrap();
        assert_eq!(disk.read(&entries_path(0, None)).unwrap().unwrap(), b"mine");
        packed.remove(&entries_path(0, None)).unwrap();
        assert_eq!((read(&packed, 0), read(&again(&disk).1, 1)), (None, Some(bundle(1))));
    }

    #[test]
    fn a_sync_of_records_is_one_of_their_packs() {
        let (disk, packed) = filled(0..20);
        let before = disk.operations();
        let paths: Vec<String> = (0..18).map(|number| entries_path(number, None)).collect();
        packed.sync(&paths).unwrap();
        assert_eq!(disk.operations() - before, 1);
        let left = Packed::on(Arc::new(disk.crashed(Survives::Synced)));
        assert_eq!((read(&left, 17), read(&left, 19)), (Some(bundle(17)), Some(bundle(19))));
        packed.replace(&entries_path(20, None), b"new", Settle::Later).unwrap();
        let left = Packed::on(Arc::new(disk.crashed(Survives::Synced)));
        assert_eq!(read(&left, 20), None);
    }

    #[test]
    fn a_reader_sees_what_is_added_and_what_is_begun_anew() {
        let (disk, packed) = filled(0..1);
        let reader = Packed::on(Arc::clone(&disk));
        assert_eq!((read(&reader, 0), read(&reader, 1)), (Some(bundle(0)), None));
        packed.replace(&entries_path(1, None), &bundle(1), Settle::Later).unwrap();
        assert_eq!(read(&reader, 1), Some(bundle(1)));
        for number in 0..2 {
            packed.remove(&entries_path(number, None)).unwrap();
            packed.remove(&tile_path(0, number, None)).unwrap();
        }
        packed.replace(&entries_path(5, None), &bundle(5), Settle::Later).unwrap();
        assert_eq!((read(&reader, 0), read(&reader, 5)), (None, Some(bundle(5))));
    }
}
