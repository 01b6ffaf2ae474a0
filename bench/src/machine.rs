//! The machine a number was measured on: a number without it says nothing.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// How long it is watched what others do.
const IDLE_TIME: Duration = Duration::from_secs(2);

/// The machine, the commit and the day, as lines of the report.
pub(crate) fn describe(work: &Path, now: names::Timestamp) -> Vec<(&'static str, String)> {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let work = work.to_string_lossy();
    vec![
        ("Processor", format!("{}, {cores} cores seen", field("/proc/cpuinfo", "model name"))),
        ("Memory", memory()),
        ("Kernel", file("/proc/sys/kernel/osrelease")),
        ("File system of the data", file_system(&work)),
        ("Compiler", said("rustc", &["--version"])),
        ("Commit", commit()),
        ("Date", now.iso_seconds()),
    ]
}

/// The share of the machine's processor time that is spent while this program only waits: what
/// others do, from 0 to 1.
pub(crate) fn busy() -> f64 {
    let before = ticks();
    std::thread::sleep(IDLE_TIME);
    let after = ticks();
    let [all, idle] = [after.0 - before.0, after.1 - before.1];
    if all > 0.0 { 1.0 - idle / all } else { 0.0 }
}

/// All ticks of all cores so far, and those of them without work.
fn ticks() -> (f64, f64) {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    let line = stat.lines().next().unwrap_or_default();
    let ticks: Vec<f64> =
        line.split_ascii_whitespace().skip(1).take(8).flat_map(str::parse).collect();
    // user, nice, system, idle, iowait, …: proc(5).
    (ticks.iter().sum(), ticks.iter().skip(3).take(2).sum())
}

fn file_system(path: &str) -> String {
    let said = said("df", &["--output=fstype", path]);
    said.lines().last().unwrap_or("not known").to_owned()
}

fn commit() -> String {
    let dirty = said("git", &["status", "--porcelain", "--", "crates", "Cargo.lock"]);
    let id = said("git", &["rev-parse", "--short=12", "HEAD"]);
    if dirty.is_empty() { id } else { format!("{id}, with uncommitted changes in the tree") }
}

fn memory() -> String {
    let kib: u64 = field("/proc/meminfo", "MemTotal")
        .split_ascii_whitespace()
        .next()
        .and_then(|word| word.parse().ok())
        .unwrap_or_default();
    format!("{} MiB", kib / 1024)
}

fn field(path: &str, name: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.trim() == name)
        .map_or_else(|| "not known".to_owned(), |(_, value)| value.trim().to_owned())
}

fn file(path: &str) -> String {
    fs::read_to_string(path).map_or_else(|_| "not known".to_owned(), |t| t.trim().to_owned())
}

/// What a program prints, or nothing.
fn said(program: &str, arguments: &[&str]) -> String {
    Command::new(program)
        .args(arguments)
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_default()
}
