//! Proofs over the tree, without a disk: that some leaves are in it (RFC 6962 §2.1.1, for a run of
//! leaves as for one), and that it grew from a smaller one (§2.1.2).

use std::ops::Range;

use crate::merkle::{Hash, node_hash};

/// The largest power of two below `n`, which is at least 2: where RFC 6962 splits a tree.
fn split(n: u64) -> u64 {
    n.checked_next_power_of_two().map_or(1 << 63, |power| power / 2)
}

/// The hashes of the subtrees beside a run of leaves, from the leaves towards the root: for one
/// leaf its inclusion proof. `hash` knows the root over the leaves of any subtree.
pub(crate) fn beside<E>(
    run: &Range<u64>,
    tree: Range<u64>,
    hash: &mut impl FnMut(Range<u64>) -> Result<Hash, E>,
    out: &mut Vec<Hash>,
) -> Result<(), E> {
    if tree.end <= run.start || run.end <= tree.start {
        out.push(hash(tree)?);
        return Ok(());
    }
    let size = tree.end.saturating_sub(tree.start);
    if (run.start <= tree.start && tree.end <= run.end) || size < 2 {
        return Ok(());
    }
    let middle = tree.start.saturating_add(split(size));
    let (left, right) = (tree.start..middle, middle..tree.end);
    // The part that holds leaves of the run comes first: what is beside it is nearer to the root.
    let (first, second) = if run.start < middle { (left, right) } else { (right, left) };
    beside(run, first, hash, out)?;
    beside(run, second, hash, out)
}

/// The root of a tree from a run of its leaves and what is beside them; `None` if there are too
/// few or too many of either.
pub(crate) fn root_from(
    run: &Range<u64>,
    size: u64,
    leaves: impl IntoIterator<Item = Hash>,
    beside: &[Hash],
) -> Option<Hash> {
    if run.start >= run.end || run.end > size {
        return None;
    }
    let mut leaves = leaves.into_iter();
    let mut beside = beside.iter();
    let root = rebuild(run, 0..size, &mut leaves, &mut beside)?;
    (leaves.next().is_none() && beside.next().is_none()).then_some(root)
}

fn rebuild(
    run: &Range<u64>,
    tree: Range<u64>,
    leaves: &mut impl Iterator<Item = Hash>,
    beside: &mut std::slice::Iter<'_, Hash>,
) -> Option<Hash> {
    if tree.end <= run.start || run.end <= tree.start {
        return beside.next().copied();
    }
    let size = tree.end.saturating_sub(tree.start);
    if size < 2 {
        return leaves.next();
    }
    let middle = tree.start.saturating_add(split(size));
    let (left, right) = (tree.start..middle, middle..tree.end);
    if run.start < middle {
        let left = rebuild(run, left, leaves, beside)?;
        Some(node_hash(&left, &rebuild(run, right, leaves, beside)?))
    } else {
        let right = rebuild(run, right, leaves, beside)?;
        Some(node_hash(&rebuild(run, left, leaves, beside)?, &right))
    }
}

/// The proof that the tree of `size` leaves begins with that of `old` leaves.
pub(crate) fn growth<E>(
    old: u64,
    size: u64,
    hash: &mut impl FnMut(Range<u64>) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let mut out = Vec::new();
    if old > 0 && old < size {
        grown(old, 0..size, Whole::Yes, hash, &mut out)?;
    }
    Ok(out)
}

/// Whether the subtree is the whole old tree, whose root the verifier has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whole {
    Yes,
    No,
}

fn grown<E>(
    old: u64,
    tree: Range<u64>,
    whole: Whole,
    hash: &mut impl FnMut(Range<u64>) -> Result<Hash, E>,
    out: &mut Vec<Hash>,
) -> Result<(), E> {
    let size = tree.end.saturating_sub(tree.start);
    if old == size {
        if whole == Whole::No {
            out.push(hash(tree)?);
        }
        return Ok(());
    }
    let k = split(size);
    let middle = tree.start.saturating_add(k);
    if old <= k {
        grown(old, tree.start..middle, whole, hash, out)?;
        out.push(hash(middle..tree.end)?);
    } else {
        grown(old.saturating_sub(k), middle..tree.end, Whole::No, hash, out)?;
        out.push(hash(tree.start..middle)?);
    }
    Ok(())
}

/// Whether a tree with the root `new` over `size` leaves begins with one with the root `old`.
pub(crate) fn grew((old, old_root): (u64, Hash), (size, root): (u64, Hash), by: &[Hash]) -> bool {
    if old == size {
        return by.is_empty() && old_root == root;
    }
    if old == 0 || old > size {
        // Every tree begins with the empty one; none with a larger one.
        return old == 0 && by.is_empty();
    }
    let mut by = by.iter();
    let found = regrow(old, size, Some(old_root), &mut by);
    found == Some((old_root, root)) && by.next().is_none()
}

/// The roots of the old part and of all of a subtree.
fn regrow(
    old: u64,
    size: u64,
    whole: Option<Hash>,
    by: &mut std::slice::Iter<'_, Hash>,
) -> Option<(Hash, Hash)> {
    if old == size {
        let root = whole.or_else(|| by.next().copied())?;
        return Some((root, root));
    }
    let k = split(size);
    if old <= k {
        let (before, now) = regrow(old, k, whole, by)?;
        Some((before, node_hash(&now, by.next()?)))
    } else {
        let (before, now) = regrow(old.checked_sub(k)?, size.checked_sub(k)?, None, by)?;
        let left = by.next()?;
        Some((node_hash(left, &before), node_hash(left, &now)))
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::merkle::{Tree, leaf_hash};

    /// The root over leaves that are all at hand.
    fn root_of(leaves: &[Hash]) -> Option<Hash> {
        let end = u64::try_from(leaves.len()).ok()?;
        root_from(&(0..end), end, leaves.iter().copied(), &[])
    }

    /// A subtree of leaves that are all at hand.
    fn within(leaves: &[Hash]) -> impl FnMut(Range<u64>) -> Result<Hash, Infallible> {
        move |tree| {
            let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
            let found = leaves.get(place(tree.start)..place(tree.end)).and_then(root_of);
            Ok(found.unwrap_or_default())
        }
    }

    fn hashes(n: u64) -> Vec<Hash> {
        (0..n).map(|n| leaf_hash(&n.to_be_bytes())).collect()
    }

    fn root(leaves: &[Hash]) -> Hash {
        let mut tree = Tree::default();
        leaves.iter().for_each(|hash| tree.push_node(0, *hash, &mut Vec::new()));
        tree.root()
    }

    #[test]
    fn every_run_of_every_small_tree_is_proved_and_nothing_else() {
        for size in 1..18_u64 {
            let leaves = hashes(size);
            for start in 0..size {
                for end in start + 1..=size {
                    let run = start..end;
                    let mut proof = Vec::new();
                    let _ = beside(&run, 0..size, &mut within(&leaves), &mut proof);
                    let some = leaves
                        [usize::try_from(start).unwrap()..usize::try_from(end).unwrap()]
                        .to_vec();
                    let made = root_from(&run, size, some.clone(), &proof);
                    assert_eq!(made, Some(root(&leaves)), "{run:?} of {size}");
                    let mut other = some.clone();
                    other[0][0] ^= 1;
                    assert_ne!(root_from(&run, size, other, &proof), made);
                    assert_eq!(root_from(&run, size, some[1..].to_vec(), &proof), None);
                    let mut longer = proof.clone();
                    longer.push([0; 32]);
                    assert_eq!(root_from(&run, size, some, &longer), None);
                }
            }
        }
    }

    #[test]
    fn an_inclusion_proof_is_that_of_rfc_6962_section_2_1_3() {
        // The seven leaves of the example; the proof of d0 is [b, h, l], of d3 [c, g, l], of d4
        // [f, j, k], of d6 [i, k].
        let d = hashes(7);
        let n = |a: &Hash, b: &Hash| node_hash(a, b);
        let (g, h, i) = (n(&d[0], &d[1]), n(&d[2], &d[3]), n(&d[4], &d[5]));
        let k = n(&g, &h);
        let l = n(&i, &d[6]);
        let proof = |at: u64| {
            let mut out = Vec::new();
            let _ = beside(&(at..at + 1), 0..7, &mut within(&d), &mut out);
            out
        };
        assert_eq!(proof(0), [d[1], h, l]);
        assert_eq!(proof(3), [d[2], g, l]);
        assert_eq!(proof(4), [d[5], d[6], k]);
        assert_eq!(proof(6), [i, k]);
    }

    #[test]
    fn every_growth_of_every_small_tree_is_proved_and_no_fork() {
        for size in 0..18_u64 {
            let leaves = hashes(size);
            for old in 0..=size {
                let before = root(&leaves[..usize::try_from(old).unwrap()]);
                let Ok(proof) = growth(old, size, &mut within(&leaves));
                let now = (size, root(&leaves));
                assert!(grew((old, before), now, &proof), "{old} to {size}");
                if old > 0 {
                    assert!(!grew((old, [9; 32]), now, &proof));
                    assert!(!grew((old, before), (size, [9; 32]), &proof));
                }
                if !proof.is_empty() {
                    assert!(!grew((old, before), now, &proof[1..]));
                    let mut longer = proof.clone();
                    longer.push([0; 32]);
                    assert!(!grew((old, before), now, &longer));
                }
            }
            assert!(!grew((size + 1, [9; 32]), (size, root(&leaves)), &[]));
        }
    }

    #[test]
    fn a_proof_that_speaks_of_a_tree_without_end_is_refused_at_once() {
        let run = 0..1;
        assert_eq!(root_from(&run, u64::MAX, [[0; 32]], &[]), None);
        assert_eq!(root_from(&(5..5), 9, [], &[]), None);
        assert_eq!(root_from(&(0..10), 9, vec![[0; 32]; 10], &[]), None);
        assert!(!grew((1, [0; 32]), (u64::MAX, [0; 32]), &[]));
    }
}
