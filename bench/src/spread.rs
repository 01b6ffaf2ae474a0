//! Numbers that were measured more than once: least, median, most.

use std::fmt;

/// The spread of one number over rounds.
#[derive(Clone, Copy, Default)]
pub(crate) struct Spread {
    /// The least.
    pub(crate) min: f64,
    /// The one in the middle.
    pub(crate) median: f64,
    /// The most.
    pub(crate) max: f64,
}

impl Spread {
    /// The spread of some numbers; of none, zeros.
    pub(crate) fn of(numbers: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = numbers.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let at = |index: usize| sorted.get(index).copied().unwrap_or_default();
        let last = sorted.len().saturating_sub(1);
        Self { min: at(0), median: at(last / 2), max: at(last) }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { min, median, max } = self;
        write!(f, "{} ({}–{})", digits(*median), digits(*min), digits(*max))
    }
}

/// A number with about three digits that mean something.
pub(crate) fn digits(number: f64) -> String {
    match number {
        n if n >= 100.0 => format!("{n:.0}"),
        n if n >= 10.0 => format!("{n:.1}"),
        n => format!("{n:.2}"),
    }
}

/// A count as a number to reckon with.
#[expect(clippy::cast_precision_loss, reason = "counts of a measurement stay far below 2^53")]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}

/// A length as a number to reckon with.
pub(crate) fn length(count: usize) -> f64 {
    float(u64::try_from(count).unwrap_or(u64::MAX))
}

/// The value that `thousandths` of all values are not above; sorts them.
pub(crate) fn quantile(values: &mut [u64], thousandths: usize) -> u64 {
    values.sort_unstable();
    let rank = values.len().saturating_mul(thousandths) / 1000;
    values.get(rank.min(values.len().saturating_sub(1))).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        let spread = Spread::of([3.0, 1.0, 2.0]);
        assert_eq!((spread.min, spread.median, spread.max), (1.0, 2.0, 3.0));
    }

    #[test]
    fn a_quantile_is_one_of_the_values() {
        let mut values: Vec<u64> = (0..1000).rev().collect();
        assert_eq!((quantile(&mut values, 500), quantile(&mut values, 990)), (500, 990));
        assert_eq!(quantile(&mut [7], 990), 7);
        assert_eq!(quantile(&mut [], 500), 0);
    }
}
