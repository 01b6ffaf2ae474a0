//! The Merkle tree (RFC 6962 §2.1) and its tiles (C2SP tlog-tiles).

use sha2::{Digest, Sha256};

use crate::sealed::pile::put_leaf;

/// A node of the tree.
pub(crate) type Hash = [u8; 32];

/// How many nodes a whole tile holds: height 8.
pub(crate) const TILE_WIDTH: usize = 256;

/// The hash of a leaf: SHA-256 of `0x00` and its bytes.
pub(crate) fn leaf_hash(leaf: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(leaf).finalize().into()
}

/// The hash of an inner node: SHA-256 of `0x01` and its children.
pub(crate) fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The hash of the tree without leaves.
pub(crate) fn empty_hash() -> Hash {
    Sha256::digest([]).into()
}

/// The root of a perfect subtree whose leaves are `nodes`; their number is a power of two.
pub(crate) fn perfect(nodes: &[Hash]) -> Option<Hash> {
    match nodes {
        [] => None,
        [one] => Some(*one),
        _ => {
            let (left, right) = nodes.split_at(nodes.len() / 2);
            Some(node_hash(&perfect(left)?, &perfect(right)?))
        }
    }
}

/// A file that the tree has finished: path and contents.
pub(crate) type Finished = (String, Vec<u8>);

/// The right edge of the tree: of each level the nodes of the tile that is not whole yet, and the
/// leaves of the bundle that is not whole yet. Everything else is in finished tiles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tree {
    pub(crate) size: u64,
    pub(crate) levels: Vec<Vec<Hash>>,
    pub(crate) bundle: Bundle,
}

/// The bytes of a bundle that is being filled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bundle {
    bytes: Vec<u8>,
    len: usize,
}

impl Bundle {
    /// Its leaves, oldest first.
    pub(crate) fn leaves(&self) -> Vec<&[u8]> {
        bundle_leaves(&self.bytes).unwrap_or_default()
    }

    /// Adds a leaf; the bundle's bytes if it is whole now, and then it is empty again.
    fn push(&mut self, leaf: &[u8]) -> Option<Vec<u8>> {
        put_leaf(&mut self.bytes, leaf);
        self.len = self.len.saturating_add(1);
        if self.len < TILE_WIDTH {
            return None;
        }
        self.len = 0;
        let room = Vec::with_capacity(self.bytes.len());
        Some(std::mem::replace(&mut self.bytes, room))
    }
}

impl Tree {
    /// The tree whose `size` leaves are all in whole bundles, from the upper levels of its edge.
    pub(crate) fn resume(size: u64, upper: &[Vec<Hash>]) -> Self {
        let mut levels = vec![Vec::new()];
        levels.extend(upper.iter().cloned());
        Self { size, levels, bundle: Bundle::default() }
    }

    /// The levels above the leaves: what [`Tree::resume`] needs.
    pub(crate) fn upper(&self) -> Vec<Vec<Hash>> {
        self.levels.iter().skip(1).cloned().collect()
    }

    /// The number of leaves in whole bundles.
    pub(crate) fn base(&self) -> u64 {
        self.size.saturating_sub(u64::try_from(self.bundle.len).unwrap_or(0))
    }

    /// Appends a leaf; files that are whole now are added to `finished`.
    pub(crate) fn push(&mut self, leaf: &[u8], finished: &mut Vec<Finished>) {
        self.push_hashed(leaf, leaf_hash(leaf), finished);
    }

    /// [`Tree::push`] of a leaf whose hash is known.
    pub(crate) fn push_hashed(&mut self, leaf: &[u8], hash: Hash, finished: &mut Vec<Finished>) {
        if let Some(whole) = self.bundle.push(leaf) {
            finished.push((entries_path(self.size / 256, None), whole));
        }
        self.push_node(0, hash, finished);
    }

    /// Appends the root of a perfect subtree of 256^`level` leaves: a leaf's hash, or that of a
    /// whole tile of which no more is known. Tiles that are whole now are added to `finished`;
    /// such leaves are in no bundle.
    pub(crate) fn push_node(&mut self, level: u8, mut hash: Hash, finished: &mut Vec<Finished>) {
        let mut index = self.size.checked_shr(u32::from(level).saturating_mul(8)).unwrap_or(0);
        let leaves = 256_u64.saturating_pow(u32::from(level));
        self.size = self.size.saturating_add(leaves);
        for level in level.. {
            while self.levels.len() <= usize::from(level) {
                self.levels.push(Vec::new());
            }
            let Some(nodes) = self.levels.get_mut(usize::from(level)) else { return };
            nodes.push(hash);
            if nodes.len() < TILE_WIDTH {
                return;
            }
            index /= 256;
            finished.push((tile_path(level, index, None), nodes.concat()));
            let Some(above) = perfect(nodes) else { return };
            nodes.clear();
            hash = above;
        }
    }

    /// The files that are not whole yet, as they are now.
    pub(crate) fn partial(&self) -> Vec<Finished> {
        let mut files = Vec::new();
        if self.bundle.len > 0 {
            let path = entries_path(self.size / 256, Some(self.bundle.len));
            files.push((path, self.bundle.bytes.clone()));
        }
        let mut tiles = self.size / 256;
        for (level, nodes) in (0_u8..).zip(&self.levels) {
            if !nodes.is_empty() {
                files.push((tile_path(level, tiles, Some(nodes.len())), nodes.concat()));
            }
            tiles /= 256;
        }
        files
    }

    /// The root over all leaves.
    pub(crate) fn root(&self) -> Hash {
        // Perfect subtrees from the largest (leftmost) to the smallest, then folded from the
        // right.
        let mut subtrees = Vec::new();
        for nodes in self.levels.iter().rev() {
            let mut rest = nodes.as_slice();
            for power in (0..8).rev() {
                let width = 1_usize << power;
                if rest.len() >= width {
                    let (left, right) = rest.split_at(width);
                    subtrees.extend(perfect(left));
                    rest = right;
                }
            }
        }
        let mut from_the_right = subtrees.into_iter().rev();
        let Some(last) = from_the_right.next() else { return empty_hash() };
        from_the_right.fold(last, |right, left| node_hash(&left, &right))
    }
}

/// The paths of the files that are not whole at that size.
pub(crate) fn partial_paths(size: u64) -> Vec<String> {
    let mut paths = Vec::new();
    let width = |nodes: u64| usize::try_from(nodes % 256).unwrap_or(0);
    if width(size) > 0 {
        paths.push(entries_path(size / 256, Some(width(size))));
    }
    let mut nodes = size;
    for level in 0_u8..8 {
        if width(nodes) > 0 {
            paths.push(tile_path(level, nodes / 256, Some(width(nodes))));
        }
        nodes /= 256;
    }
    paths
}

/// The leaves of an entry bundle, each after its length in sixteen bits, big-endian; `None` if it
/// is not one.
pub(crate) fn bundle_leaves(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut leaves = Vec::with_capacity(TILE_WIDTH);
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<2>()?;
        let (leaf, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        leaves.push(leaf);
        bytes = rest;
    }
    Some(leaves)
}

/// `tile/<L>/<N>[.p/<W>]`.
pub(crate) fn tile_path(level: u8, number: u64, width: Option<usize>) -> String {
    format!("tile/{level}/{}", numbered(number, width))
}

/// `tile/entries/<N>[.p/<W>]`.
pub(crate) fn entries_path(number: u64, width: Option<usize>) -> String {
    format!("tile/entries/{}", numbered(number, width))
}

/// The number in the path of a whole bundle, or of a whole tile of level 0, and which of the two.
pub(crate) fn lowest(path: &str) -> Option<(Low, u64)> {
    let (low, groups) = match path.strip_prefix("tile/entries/") {
        Some(groups) => (Low::Bundle, groups),
        None => (Low::Tile, path.strip_prefix("tile/0/")?),
    };
    let mut number = 0_u64;
    for group in groups.split('/') {
        let digits = group.strip_prefix('x').unwrap_or(group);
        number = number.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    (low.path(number) == path).then_some((low, number))
}

/// A file of 256 leaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Low {
    /// The leaves themselves.
    Bundle,
    /// Their hashes.
    Tile,
}

impl Low {
    /// The path of the whole file of that number.
    pub(crate) fn path(self, number: u64) -> String {
        match self {
            Self::Bundle => entries_path(number, None),
            Self::Tile => tile_path(0, number, None),
        }
    }
}

/// Groups of three digits, all but the last after an `x`: 1234067 is `x001/x234/067`.
fn numbered(number: u64, width: Option<usize>) -> String {
    let mut path = format!("{:03}", number % 1000);
    let mut rest = number / 1000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    match width {
        Some(width) => format!("{path}.p/{width}"),
        None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6962 §2.1, word for word.
    fn naive(leaves: &[Vec<u8>]) -> Hash {
        match leaves {
            [] => empty_hash(),
            [leaf] => leaf_hash(leaf),
            _ => {
                let k = leaves.len().next_power_of_two() / 2;
                node_hash(&naive(&leaves[..k]), &naive(&leaves[k..]))
            }
        }
    }

    #[test]
    fn the_root_is_that_of_rfc_6962_at_every_size() {
        let leaves: Vec<Vec<u8>> = (0..700_u32).map(|n| n.to_be_bytes().to_vec()).collect();
        let mut tree = Tree::default();
        assert_eq!(tree.root(), naive(&[]));
        for size in 1..=leaves.len() {
            tree.push(&leaves[size - 1], &mut Vec::new());
            if size % 37 == 0 || (254..259).contains(&size) || (510..515).contains(&size) {
                assert_eq!(tree.root(), naive(&leaves[..size]), "{size}");
            }
        }
    }

    #[test]
    fn the_published_test_vectors_hold() {
        // The inputs and roots of the certificate-transparency project's reference tests.
        let inputs = ["", "00", "10", "2021", "3031", "40414243"];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        ];
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let mut tree = Tree::default();
        for (input, root) in inputs.iter().zip(roots) {
            let digits = input.as_bytes().chunks(2);
            let byte = |two: &[u8]| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16);
            let leaf: Vec<u8> = digits.map(|two| byte(two).unwrap()).collect();
            tree.push(&leaf, &mut Vec::new());
            assert_eq!(hex(&tree.root()), root);
        }
    }

    #[test]
    fn numbers_are_written_in_groups_of_three_digits() {
        assert_eq!(tile_path(0, 1_234_067, None), "tile/0/x001/x234/067");
        assert_eq!(tile_path(1, 5, Some(3)), "tile/1/005.p/3");
        assert_eq!(entries_path(1000, None), "tile/entries/x001/000");
    }

    #[test]
    fn the_paths_of_whole_bundles_and_lowest_tiles_are_told_from_all_others() {
        for number in [0, 7, 999, 1000, 1_234_067, u64::MAX / 256] {
            assert_eq!(lowest(&entries_path(number, None)), Some((Low::Bundle, number)));
            assert_eq!(lowest(&tile_path(0, number, None)), Some((Low::Tile, number)));
            assert_eq!(lowest(&entries_path(number, Some(3))), None);
            assert_eq!(lowest(&tile_path(0, number, Some(3))), None);
            assert_eq!(lowest(&tile_path(1, number, None)), None);
        }
        for other in ["tile/entries", "tile/0/", "tile/0/x000/001", "tile/0/1", "tile/0/+01"] {
            assert_eq!(lowest(other), None, "{other}");
        }
        assert_eq!(lowest("tile/entries/x999/x999/x999/x999/x999/x999/999"), None);
    }

    #[test]
    fn a_bundle_gives_back_its_leaves_and_a_torn_one_is_refused() {
        let leaves = [&b"one"[..], b"", b"three"];
        let mut bytes = Vec::new();
        leaves.iter().for_each(|leaf| put_leaf(&mut bytes, leaf));
        assert_eq!(bundle_leaves(&bytes), Some(leaves.to_vec()));
        assert_eq!(bundle_leaves(&bytes[..bytes.len() - 1]), None);
    }

    #[test]
    fn finished_tiles_and_the_resumed_edge_make_the_same_tree() {
        let mut finished = Vec::new();
        let mut tree = Tree::default();
        for n in 0..600_u32 {
            tree.push(&n.to_be_bytes(), &mut finished);
        }
        let paths: Vec<_> = finished.iter().map(|(path, _)| path.as_str()).collect();
        let expected = ["tile/entries/000", "tile/0/000", "tile/entries/001", "tile/0/001"];
        assert_eq!(paths, expected);
        let mut again = Tree::resume(tree.base(), &tree.upper());
        for leaf in tree.bundle.leaves() {
            again.push(leaf, &mut Vec::new());
        }
        assert_eq!((again.root(), again.partial()), (tree.root(), tree.partial()));
        let written: Vec<_> = tree.partial().into_iter().map(|(path, _)| path).collect();
        assert_eq!(written, partial_paths(600));
    }
}
