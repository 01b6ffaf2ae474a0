//! The budgets, each beside what was measured, and what was not.

use crate::Failure;
use crate::house::Mode;
use crate::load::{Round, Verb};
use crate::report::{Loaded, Run};
use crate::spread::digits;

/// Whether a budget was kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It was.
    Met,
    /// It was not.
    NotMet,
    /// This run does not say.
    NotMeasured,
}

impl Verdict {
    fn of(kept: impl Into<Self>) -> Self {
        kept.into()
    }

    /// As the report says it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "**not met**",
            Self::NotMeasured => "not measured",
        }
    }
}

impl From<bool> for Verdict {
    fn from(kept: bool) -> Self {
        if kept { Self::Met } else { Self::NotMet }
    }
}

/// One budget.
pub(crate) struct Line {
    /// What it is about.
    pub(crate) what: &'static str,
    /// What was promised.
    pub(crate) budget: &'static str,
    /// What was measured, in words.
    pub(crate) measured: String,
    /// Whether it was kept.
    pub(crate) verdict: Verdict,
}

fn line(
    what: &'static str,
    budget: &'static str,
    measured: String,
    kept: impl Into<Verdict>,
) -> Line {
    Line { what, budget, measured, verdict: Verdict::of(kept) }
}

fn unmeasured(what: &'static str, budget: &'static str, why: &str) -> Line {
    line(what, budget, why.to_owned(), Verdict::NotMeasured)
}

/// All budgets of the design, in its order.
pub(crate) fn budgets(run: &Run) -> Result<Vec<Line>, Failure> {
    let mut lines = Vec::from(engine());
    let (available, strict) = (run.mode(Mode::Available)?, run.mode(Mode::Strict)?);
    lines.push(verification(run));
    lines.extend(door(available));
    lines.push(unmeasured(
        "4 KiB and 64 MiB, GET and PUT",
        "ahead of every open peer",
        "no peer was run",
    ));
    for loaded in [available, strict] {
        lines.extend(streams(loaded)?);
    }
    lines.extend(roles(available));
    lines.extend([
        unmeasured(
            "restart with 1,000,000 identities",
            "≤ 1 s, ≤ 600 MiB",
            "[campaigns.md](campaigns.md#scale), by `cargo xtask campaign scale`",
        ),
        revoke("revoke, available", available),
        revoke("revoke, strict", strict),
        unmeasured("audit, available", "≤ 5 µs added median", RECORD),
        unmeasured("audit", "≥ 500,000 entries/s; checkpoint ≤ 1 s", RECORD),
    ]);
    lines.extend(shipping(run));
    Ok(lines)
}

/// Where what the record alone costs is measured, and published.
const RECORD: &str =
    "[performance-record.md](performance-record.md), by `cargo xtask bench --record`";

/// What the engine alone costs is measured, and published, by a bench of its own.
fn engine() -> [Line; 2] {
    let there = "[performance-policy.md](performance-policy.md), by `cargo xtask bench --policy`";
    [
        unmeasured("one decision, 50 statements", "≤ 150 ns median, ≤ 1 µs p99", there),
        unmeasured(
            "10 → 100,000 policies on one principal",
            "≤ 1.3× for skewed requests; ≤ 500 ns uniformly cold",
            there,
        ),
    ]
}

fn verification(run: &Run) -> Line {
    let (alone, whole) = (run.verifications.verify, run.verifications.whole);
    line(
        "verify SigV4, 10 signed headers, key cached",
        "≤ 2 µs median",
        format!("{} ns; {} ns from the head as HTTP has it", digits(alone), digits(whole)),
        alone <= 2000.0,
    )
}

fn door(available: &Loaded) -> Vec<Line> {
    let (cpu, ratio) = (available.doors.door.spread(Round::cpu), available.doors.ratio());
    vec![
        line(
            "door, available, 1 KiB GET",
            "≤ 7 µs CPU",
            format!("{cpu} µs; the object is in memory"),
            cpu.median <= 7.0,
        ),
        line(
            "door beside the bare library",
            "≥ 0.6 of its CPU per request",
            ratio.to_string(),
            ratio.median >= 0.6,
        ),
    ]
}

fn streams(loaded: &Loaded) -> Result<[Line; 3], Failure> {
    let put = loaded.big_rate(Verb::Put, 1)?.median / loaded.yardsticks.md5().median;
    let signed = loaded.big_rate(Verb::PutSigned, 1)?.median / loaded.yardsticks.md5().median;
    let get = loaded.big_rate(Verb::Get, 1)?.median / loaded.yardsticks.loopback().median;
    let (upload, download) = match loaded.mode {
        Mode::Strict => ("64 MiB upload, 1 client, strict", "64 MiB download, 1 client, strict"),
        Mode::Available => {
            ("64 MiB upload, 1 client, available", "64 MiB download, 1 client, available")
        }
    };
    Ok([
        line(upload, "≥ 0.9 of the MD5 rate", digits(put), put >= 0.9),
        line(
            "signed 64 MiB upload, the same",
            "≥ 0.9 of the MD5 rate",
            digits(signed),
            signed >= 0.9,
        ),
        line(download, "≥ 0.8 of loopback", digits(get), get >= 0.8),
    ])
}

fn revoke(what: &'static str, loaded: &Loaded) -> Line {
    let revoked = &loaded.revoked;
    let kept = revoked.millis(990) <= 10.0 && revoked.over();
    line(what, "nothing accepted after the answer; p99 ≤ 10 ms on one node", revoked.said(), kept)
}

fn roles(available: &Loaded) -> [Line; 3] {
    let (cpu, rate) =
        (available.assume.free.spread(Round::cpu), available.assume.free.spread(Round::per_second));
    let (half, late) = (&available.assume, available.assume.half.spread(Round::p99_micros));
    let came = half.half.spread(Round::per_second);
    let bare = half.bare.spread(Round::p99_micros);
    [
        line("AssumeRole, available", "≤ 50 µs CPU", format!("{cpu} µs"), cpu.median <= 50.0),
        line(
            "AssumeRole, available",
            "≥ 20,000/s a node",
            format!("{rate}/s, beside its own load"),
            rate.median >= 20_000.0,
        ),
        line(
            "AssumeRole, available",
            "p99 < 2 ms at half of saturation",
            format!("{late} µs at {came}/s; the bare library at that rate {bare} µs"),
            half.kept_pace() && late.median < 2000.0,
        ),
    ]
}

fn shipping(run: &Run) -> Vec<Line> {
    let (first, again) = (run.startup.first, run.startup.again);
    let mut lines = vec![
        match run.cold_seconds {
            Some(seconds) => {
                let took = format!("{} s", digits(seconds));
                line("cold release build", "≤ 6 min", took, seconds <= 360.0)
            }
            None => unmeasured("cold release build", "≤ 6 min", "`--cold` was not given"),
        },
        line(
            "one binary",
            "≤ 40 MiB",
            format!("{} MiB", digits(run.binary_mib)),
            run.binary_mib <= 40.0,
        ),
        line(
            "start to first answer",
            "≤ 100 ms",
            format!("{first} ms first, {again} ms again"),
            first.median.max(again.median) <= 100.0,
        ),
    ];
    lines.push(match &run.large {
        Some(moved) => {
            let peak = moved.iter().map(|way| way.peak_mib).fold(0.0, f64::max);
            let peak_text = format!("{} MiB at most", digits(peak));
            line("5 GiB by PUT, multipart, GET", "≤ 128 MiB resident", peak_text, peak <= 128.0)
        }
        None => unmeasured(
            "5 GiB by PUT, multipart, GET",
            "≤ 128 MiB resident",
            "`--large` was not given",
        ),
    });
    lines
}
