//! The report: a page and a JSON file, from one run and from nothing else.

use std::fmt::Write;
use std::fs;

use serde_json::json;

use crate::timing::Times;
use crate::{Failure, cases};

/// One number: who took how long on what.
pub(crate) struct Line {
    pub(crate) part: &'static str,
    pub(crate) what: String,
    pub(crate) who: &'static str,
    pub(crate) times: Times,
}

/// Everything that one run showed.
pub(crate) struct Run {
    pub(crate) lines: Vec<Line>,
    /// What `policy test` took, if a binary was given.
    pub(crate) cases: Vec<cases::Line>,
    /// Statements a second, from text and into the index.
    pub(crate) compiled: [f64; 2],
    /// Bytes for each statement, compiled and in the index.
    pub(crate) resident: [f64; 2],
}

impl Run {
    /// Shows it, and writes the page and the JSON where they are wanted.
    pub(crate) fn write(&self, page: Option<&str>, data: Option<&str>) -> Result<(), Failure> {
        let text = self.page()?;
        println!("{text}");
        if let Some(page) = page {
            fs::write(page, &text)?;
        }
        if let Some(data) = data {
            fs::write(data, serde_json::to_string_pretty(&self.data())?)?;
        }
        Ok(())
    }

    fn page(&self) -> Result<String, Failure> {
        let mut out = String::new();
        writeln!(out, "# Performance of the policy engine\n")?;
        writeln!(
            out,
            "Written by `cargo xtask bench --policy`; not edited by hand. {}, {}. One process, one \
             thread. `judge` is the verdict alone; `decide` makes the record of it that the \
             journal keeps. Numbers are nanoseconds of one decision: the median (least–most) over \
             rounds, each the mean of processor time over a pass over all requests in a drawn \
             order; then the median and the 99th percentile of decisions timed one by one, less \
             what the clock takes. With 5,000 groups, who is slower than `decide` is asked 16 \
             requests instead of 256. Requests that are told the same facts share them in memory. \
             Other work on the machine shows in the most and in the 99th percentile first.\n",
            field("model name"),
            said(&["--version"])
        )?;
        machine(&mut out)?;
        self.aims(&mut out)?;
        for (part, title) in [
            ("a", "(a) Few policies, everybody"),
            ("b", "(b) Policies on one principal, through groups"),
            ("c", "(c) Groups with three statements each for one shared bucket, everybody"),
            ("d", "(d) Hostile documents of the size that an inline policy may have"),
        ] {
            writeln!(
                out,
                "## {title}\n\n| | | round | one by one, p50 | p99 |\n|---|---|---|---|---|"
            )?;
            for line in self.lines.iter().filter(|line| line.part == part) {
                let Times { spread: [least, median, most], single: [p50, p99] } = line.times;
                let (what, who) = (&line.what, line.who);
                writeln!(
                    out,
                    "| {what} | {who} | {median:.0} ({least:.0}–{most:.0}) | {p50:.0} | {p99:.0} |"
                )?;
            }
            writeln!(out)?;
        }
        self.policy_test(&mut out)?;
        let [text, index] = self.compiled;
        let [program, table] = self.resident;
        writeln!(
            out,
            "## Compiling\n\n{text:.0} statements a second from text to what is decided by, \
             {index:.0} into the index of a principal. A typical statement takes {program:.0} \
             bytes compiled and {table:.0} in the index, beside its text."
        )?;
        Ok(out)
    }

    /// What was aimed at, and what was reached: medians of rounds.
    fn aims(&self, out: &mut String) -> Result<(), Failure> {
        let own = |part, what, who| self.median(part, what, who);
        let (a, naive, cedar) = ("8 policies", "naive, statement by statement", "cedar-policy");
        let judged = own("a", a, "judge");
        let most = self.lines.iter().filter(|line| line.part == "d");
        let most = most.map(|line| line.times.spread[1]).fold(0.0, f64::max);
        let few = own("b", "10 policies, Zipf", "judge");
        let groups = own("c", "5000 groups", "judge");
        let p99 = self.find("a", a, "judge").map_or(f64::NAN, |line| line.times.single[1]);
        let rows = [
            ("(a) median, ns", "≤ 150", judged),
            ("(a) p99, ns", "≤ 1,000", p99),
            ("(a) times the naive evaluator", "≥ 6", own("a", a, naive) / judged),
            ("(a) times Cedar", "≥ 500", own("a", a, cedar) / judged),
            (
                "(b) 100,000 policies to 10, Zipf",
                "≤ 1.3",
                own("b", "100000 policies, Zipf", "judge") / few,
            ),
            (
                "(b) 100,000 policies, cold, ns",
                "≤ 500",
                own("b", "100000 policies, uniform", "judge"),
            ),
            ("(c) 5,000 groups to 1", "≤ 1.3", groups / own("c", "1 groups", "judge")),
            (
                "(c) 5,000 groups, times the naive evaluator",
                "≥ 1,000",
                own("c", "5000 groups", naive) / groups,
            ),
            ("(d) the worst, ns", "≤ 50,000", most),
            ("statements compiled a second", "≥ 200,000", self.compiled[0]),
            ("bytes a statement", "≤ 200", self.resident[0] + self.resident[1]),
        ];
        writeln!(out, "## What was aimed at\n\n| | aim | reached |\n|---|---|---|")?;
        for (what, aim, reached) in rows {
            let digits = usize::from(reached < 100.0);
            writeln!(out, "| {what} | {aim} | {reached:.digits$} |")?;
        }
        writeln!(out)?;
        Ok(())
    }

    fn find(&self, part: &str, what: &str, who: &str) -> Option<&Line> {
        let is = |line: &&Line| line.part == part && line.what.starts_with(what) && line.who == who;
        self.lines.iter().find(is)
    }

    fn median(&self, part: &str, what: &str, who: &str) -> f64 {
        self.find(part, what, who).map_or(f64::NAN, |line| line.times.spread[1])
    }

    fn policy_test(&self, out: &mut String) -> Result<(), Failure> {
        if self.cases.is_empty() {
            return Ok(());
        }
        writeln!(
            out,
            "## `strongroom policy test`, 100,000 cases\n\nThe whole process, from its start to \
             its end; each case asks of a document of five statements. Seconds: the median \
             (least–most).\n\n| | file | seconds | processor seconds |\n|---|---|---|---|"
        )?;
        for line in &self.cases {
            let cases::Line { what, bytes, wall, processor } = line;
            let [wall, processor] = [wall, processor]
                .map(|[least, median, most]| format!("{median:.2} ({least:.2}–{most:.2})"));
            writeln!(out, "| {what} | {} MiB | {wall} | {processor} |", bytes >> 20)?;
        }
        writeln!(out)?;
        Ok(())
    }

    fn data(&self) -> serde_json::Value {
        let lines = self.lines.iter().map(|line| {
            json!({
                "part": line.part, "what": line.what, "who": line.who,
                "round_ns": line.times.spread, "single_ns": line.times.single,
            })
        });
        let cases = self.cases.iter().map(|line| {
            json!({
                "what": line.what, "bytes": line.bytes, "seconds": line.wall,
                "processor_seconds": line.processor,
            })
        });
        json!({
            "lines": lines.collect::<Vec<_>>(),
            "policy_test": cases.collect::<Vec<_>>(),
            "statements_per_second": self.compiled,
            "bytes_per_statement": self.resident,
        })
    }
}

/// What the machine was like at the end.
fn machine(out: &mut String) -> Result<(), Failure> {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("an unknown number of");
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    writeln!(
        out,
        "At its end {load} programs wanted to run on {cores} cores, this one among them: above \
         that number of cores, everything here is slower than on a machine of its own.\n"
    )?;
    let pages = fs::read_to_string("/sys/kernel/mm/transparent_hugepage/enabled");
    let asked = match std::env::var("MIMALLOC_ALLOW_LARGE_OS_PAGES") {
        Ok(value) => format!("`{value}`"),
        Err(_) => "not set".to_owned(),
    };
    writeln!(
        out,
        "Memory comes from mimalloc, as in the program that is shipped; \
         `MIMALLOC_ALLOW_LARGE_OS_PAGES`, which has it ask for large pages, was {asked}, and \
         the kernel's setting of transparent large pages was `{}`.\n",
        pages.unwrap_or_else(|_| "unknown".to_owned()).trim()
    )?;
    Ok(())
}

fn field(name: &str) -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_once(": ")
        .map_or_else(|| "an unknown processor".to_owned(), |(_, own)| own.to_owned())
}

fn said(words: &[&str]) -> String {
    let out = std::process::Command::new("rustc").args(words).output();
    out.map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned()).unwrap_or_default()
}
