//! How long things take: many rounds, each a pass over all requests in their order.

use std::time::Instant;

use crate::length;

/// Nanoseconds of one decision.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    /// The least, the middle and the most over rounds; each round's mean over its requests.
    pub(crate) spread: [f64; 3],
    /// The median and the 99th percentile of decisions timed one by one, without what the clock
    /// itself takes.
    pub(crate) single: [f64; 2],
}

/// Times `decide` on each of `count` requests in `rounds` passes.
pub(crate) fn time(rounds: usize, count: usize, mut decide: impl FnMut(usize)) -> Times {
    (0..count).for_each(&mut decide);
    let mut means: Vec<f64> = (0..rounds)
        .map(|_| {
            let began = processor();
            (0..count).for_each(&mut decide);
            (processor() - began) / length(count)
        })
        .collect();
    means.sort_by(f64::total_cmp);
    let clock = quantile(&mut (0..10_000).map(|_| nanos(Instant::now())).collect::<Vec<_>>(), 500);
    let passes = (200_000 / count.max(1)).clamp(1, rounds);
    let mut singles = Vec::with_capacity(count * passes);
    for _ in 0..passes {
        for place in 0..count {
            let began = Instant::now();
            decide(place);
            singles.push((nanos(began) - clock).max(0.0));
        }
    }
    let at = |place: usize| means.get(place).copied().unwrap_or_default();
    Times {
        spread: [at(0), at(means.len() / 2), at(means.len().saturating_sub(1))],
        single: [quantile(&mut singles, 500), quantile(&mut singles, 990)],
    }
}

/// The processor time of this thread, in nanoseconds: what others do on the machine counts less.
fn processor() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let part = |number: i64| crate::float(u64::try_from(number).unwrap_or_default());
    part(time.tv_sec) * 1e9 + part(time.tv_nsec)
}

fn nanos(began: Instant) -> f64 {
    crate::float(u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX))
}

/// The value that `thousandths` of all are not above.
pub(crate) fn quantile(values: &mut [f64], thousandths: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let rank = values.len().saturating_mul(thousandths) / 1000;
    values.get(rank.min(values.len().saturating_sub(1))).copied().unwrap_or_default()
}
