//! The report: `docs/performance.md`, from one run and from nothing else.

use std::fmt::Write;

use crate::Failure;
use crate::bare::Yardsticks;
use crate::beside::Revoked;
use crate::budgets::budgets;
use crate::house::Mode;
use crate::large::Moved;
use crate::lean::First;
use crate::load::{Cell, Doors, Roles, Round, Verb};
use crate::options::Effort;
use crate::signature::Verifications;
use crate::spread::{Spread, digits};
use crate::startup::Startup;
use crate::world::{STATEMENTS, World};

/// How much other work a run bears before its report warns of it.
const BUSY_SHARE_MAX: f64 = 0.05;

/// Everything that one run showed.
pub(crate) struct Run {
    pub(crate) machine: Vec<(&'static str, String)>,
    /// What others did on the machine just before and just after, as shares of all its time.
    pub(crate) busy: [f64; 2],
    pub(crate) effort: Effort,
    pub(crate) verifications: Verifications,
    pub(crate) modes: Vec<Loaded>,
    pub(crate) startup: Startup,
    pub(crate) binary_mib: f64,
    pub(crate) cold_seconds: Option<f64>,
    pub(crate) large: Option<Vec<Moved>>,
}

/// What a server in one mode showed under load.
pub(crate) struct Loaded {
    pub(crate) mode: Mode,
    pub(crate) doors: Doors,
    pub(crate) assume: Roles,
    pub(crate) revoked: Revoked,
    pub(crate) small: Vec<Cell>,
    pub(crate) big: Vec<Cell>,
    /// Big uploads to a server whose entity tags are opaque.
    pub(crate) opaque: Vec<Cell>,
    pub(crate) yardsticks: Yardsticks,
    /// After the 4 KiB loads, and after all.
    pub(crate) peaks_mib: [f64; 2],
    pub(crate) world: World,
}

impl Run {
    /// One mode's numbers.
    pub(crate) fn mode(&self, mode: Mode) -> Result<&Loaded, Failure> {
        self.modes.iter().find(|loaded| loaded.mode == mode).ok_or_else(|| "no such mode".into())
    }
}

impl Loaded {
    /// The rate of a verb on 64 MiB objects with so many clients, in MB/s.
    pub(crate) fn big_rate(&self, verb: Verb, clients: usize) -> Result<Spread, Failure> {
        self.big
            .iter()
            .find(|cell| cell.verb == verb && cell.clients == clients)
            .map(|cell| cell.spread(Round::megabytes))
            .ok_or_else(|| "no such cell".into())
    }
}

/// Writes the report.
pub(crate) fn write(run: &Run) -> Result<String, Failure> {
    let mut out = String::new();
    opening(&mut out, run)?;
    budget_table(&mut out, run)?;
    door_table(&mut out, run)?;
    for loaded in &run.modes {
        small_table(&mut out, loaded)?;
        big_table(&mut out, loaded)?;
    }
    rest(&mut out, run)?;
    Ok(out)
}

fn opening(out: &mut String, run: &Run) -> Result<(), Failure> {
    let effort = run.effort;
    writeln!(out, "# Performance\n")?;
    writeln!(out, "Written by `cargo xtask bench`; not edited by hand. A {} run.\n", effort.name)?;
    writeln!(out, "| machine | |\n|---|---|")?;
    for (name, value) in &run.machine {
        writeln!(out, "| {name} | {value} |")?;
    }
    let [before, after] = run.busy.map(|share| digits(share * 100.0));
    writeln!(out, "| Other work just before and after | {before} %, {after} % of all cores |")?;
    if run.busy.iter().any(|share| *share > BUSY_SHARE_MAX) {
        writeln!(
            out,
            "\n**The machine was not this run's alone.** Its numbers are worse than \
             they would be on an idle one, and by how much is not known."
        )?;
    }
    writeln!(
        out,
        "\nNumbers are `median (least–most)` over rounds of {} s: {} rounds of the door, {} of \
         small loads, {} of 64 MiB loads (there a round lasts until each client has moved at \
         least one object). Server and load share this one machine, so rates are what is left \
         beside the load; processor time per request and ratios depend on that less. \
         The caller is a user whose policy has {STATEMENTS} statements, the allowing one last. \
         Small objects are read from memory, large ones from the page cache, \
         into which an earlier read brought them. Requests are signed \
         once a round and sent again, over kept connections, one in flight per client, without \
         TLS. Both modes mean `audit.reads` and `audit.writes` alike; an object itself is on disk \
         before its PUT is answered in either mode. No other store was measured: nothing here \
         says how we stand beside one.\n",
        effort.round_seconds, effort.door_rounds, effort.small_rounds, effort.big_rounds
    )?;
    Ok(())
}

fn budget_table(out: &mut String, run: &Run) -> Result<(), Failure> {
    writeln!(out, "## Budgets\n\n| what | budget | measured | |\n|---|---|---|---|")?;
    for line in budgets(run)? {
        let (what, budget, measured) = (line.what, line.budget, &line.measured);
        writeln!(out, "| {what} | {budget} | {measured} | {} |", line.verdict.name())?;
    }
    writeln!(out)?;
    Ok(())
}

fn door_table(out: &mut String, run: &Run) -> Result<(), Failure> {
    writeln!(
        out,
        "## The door\n\n1 KiB GETs by 16 clients, in turns with the same HTTP library (hyper) \
         answering 1 KiB to the very same requests with nothing behind it. The ratio is the bare \
         library's processor time per request as a share of ours, round by round.\n\n\
         | mode | | requests/s | CPU µs/request | p50 µs | p99 µs | ratio |\n\
         |---|---|---|---|---|---|---|"
    )?;
    for loaded in &run.modes {
        let ratio = loaded.doors.ratio();
        for (name, cell, ratio) in [
            ("the door", &loaded.doors.door, ratio.to_string()),
            ("bare", &loaded.doors.bare, "1".to_owned()),
        ] {
            writeln!(out, "| {} | {name} | {} | {ratio} |", loaded.mode.name(), rates(cell))?;
        }
    }
    let first = if First::ask().granted() {
        "; at half it goes before the server (nice -20), as a client on another machine does not \
         wait for the server's cores"
    } else {
        ", and waits for a core like the server"
    };
    writeln!(
        out,
        "\n`AssumeRole` over 16 connections as fast as they go; then over 64 at half of the rate \
         that was just seen, and the bare library at the same: {} times in turns. At half a \
         request's time runs from when it is due. The load is one thread on the sockets \
         themselves{first}; what else runs on the machine (its host, too) delays ours and the bare \
         library alike.\n\n\
         | mode | | requests/s | CPU µs/request | p50 µs | p99 µs |\n|---|---|---|---|---|---|",
        run.effort.role_rounds
    )?;
    for loaded in &run.modes {
        let roles = &loaded.assume;
        for (name, cell) in [
            ("saturated", &roles.free),
            ("half of it", &roles.half),
            ("half of it, bare", &roles.bare),
        ] {
            let (p50, p99) = (cell.spread(Round::p50_micros), cell.spread(Round::p99_micros));
            let (rate, cpu) = (cell.spread(Round::per_second), cell.spread(Round::cpu));
            writeln!(out, "| {} | {name} | {rate} | {cpu} | {p50} | {p99} |", loaded.mode.name())?;
        }
    }
    writeln!(out)?;
    Ok(())
}

/// Four columns: requests/s, CPU per request, p50 and p99.
fn rates(cell: &Cell) -> String {
    let (p50, p99) = cell.latency_micros();
    let (rate, cpu) = (cell.spread(Round::per_second), cell.spread(Round::cpu));
    format!("{rate} | {cpu} | {} | {}", digits(p50), digits(p99))
}

fn small_table(out: &mut String, loaded: &Loaded) -> Result<(), Failure> {
    let mode = loaded.mode.name();
    writeln!(
        out,
        "## Objects, {mode} audit\n\n4 KiB:\n\n\
         | | clients | requests/s | CPU µs/request | p50 µs | p99 µs |\n\
         |---|---|---|---|---|---|"
    )?;
    for cell in &loaded.small {
        writeln!(out, "| {} | {} | {} |", cell.verb.name(), cell.clients, rates(cell))?;
    }
    Ok(())
}

fn big_table(out: &mut String, loaded: &Loaded) -> Result<(), Failure> {
    let (md5, loopback) = (loaded.yardsticks.md5(), loaded.yardsticks.loopback());
    writeln!(
        out,
        "\n64 MiB. The ratio of a PUT is to MD5 on one core, {md5} MB/s just before and after; \
         that of a GET to a copy between two processes over one loopback connection, {loopback} \
         MB/s:\n\n| | clients | MB/s | ratio | CPU ms/request | p50 ms | p99 ms |\n\
         |---|---|---|---|---|---|---|"
    )?;
    let usual = loaded.big.iter().map(|cell| (cell, ""));
    let without = loaded.opaque.iter().map(|cell| (cell, ", no MD5"));
    for (cell, how) in usual.chain(without) {
        let yardstick = if cell.verb == Verb::Get { loopback } else { md5 };
        let rate = cell.spread(Round::megabytes);
        let (p50, p99) = cell.latency_micros();
        writeln!(
            out,
            "| {}{how} | {} | {rate} | {} | {} | {} | {} |",
            cell.verb.name(),
            cell.clients,
            digits(rate.median / yardstick.median),
            cell.spread(|round| round.cpu() / 1e3),
            digits(p50 / 1e3),
            digits(p99 / 1e3),
        )?;
    }
    let [small, all] = loaded.peaks_mib.map(digits);
    writeln!(
        out,
        "\nWithout an MD5: with the setting `s3.entity_tags = \"opaque\"`. Peak of resident memory: \
         {small} MiB after the 4 KiB loads, {all} MiB after all.\n",
    )?;
    Ok(())
}

fn rest(out: &mut String, run: &Run) -> Result<(), Failure> {
    let startup = &run.startup;
    writeln!(
        out,
        "## Start, size, build\n\nFrom the start of the process to the first authorised answer: \
         {} ms on an empty directory, {} ms on the data that the load left. The binary has {} \
         MiB. The cold release build took {}.\n",
        startup.first,
        startup.again,
        digits(run.binary_mib),
        run.cold_seconds.map_or_else(
            || "an unknown time: it was not part of this run (`--cold`)".to_owned(),
            |seconds| format!("{} s, with sources of dependencies on disk", digits(seconds))
        )
    )?;
    let Some(large) = &run.large else {
        writeln!(out, "5 GiB objects were not part of this run (`--large`).")?;
        return Ok(());
    };
    writeln!(out, "5 GiB objects, each against a server of its own:\n")?;
    writeln!(out, "| | MB/s | peak of resident memory, MiB |\n|---|---|---|")?;
    for Moved { what, megabytes, peak_mib } in large {
        writeln!(out, "| {what} | {} | {} |", digits(*megabytes), digits(*peak_mib))?;
    }
    Ok(())
}
