//! How much a comparison may cost: past it the answer is *undecided*, never a guess.

/// Most steps of automata in one comparison.
pub const STEPS_MAX: u64 = 4_000_000;
/// Most cells (kinds of request that no policy tells apart) that are asked of both sides.
pub const CELLS_MAX: u64 = 50_000;

/// What is left to spend.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    steps: u64,
    cells: u64,
}

/// What ran out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Spent {
    Steps,
    Cells,
    /// The differences that can be listed.
    Differences,
}

impl Default for Budget {
    fn default() -> Self {
        Self { steps: STEPS_MAX, cells: CELLS_MAX }
    }
}

impl Budget {
    /// One step of so many patterns.
    pub(super) fn work(&mut self, patterns: usize) -> Result<(), Spent> {
        let cost = u64::try_from(patterns).unwrap_or(u64::MAX).saturating_add(1);
        self.steps = self.steps.checked_sub(cost).ok_or(Spent::Steps)?;
        Ok(())
    }

    /// One cell.
    pub(super) fn cell(&mut self) -> Result<(), Spent> {
        self.cells = self.cells.checked_sub(1).ok_or(Spent::Cells)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_cell_is_asked_and_one_more_is_not() {
        let mut budget = Budget::default();
        assert!((0..CELLS_MAX).all(|_| budget.cell().is_ok()));
        assert_eq!(budget.cell(), Err(Spent::Cells));
    }

    #[test]
    fn the_last_step_is_made_and_one_more_is_not() {
        let mut budget = Budget { steps: 3, cells: 0 };
        assert_eq!(budget.work(2), Ok(()));
        assert_eq!(budget.work(0), Err(Spent::Steps));
        assert_eq!(Budget::default().work(usize::MAX), Err(Spent::Steps));
    }
}
