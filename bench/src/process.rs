//! What the kernel says of a process: processor time and memory, from `/proc`.

use std::fs;

use crate::Failure;

/// The unit of `/proc/PID/stat`: `USER_HZ` is 100 on every architecture that we run on.
const TICK_MICROS: u64 = 10_000;

/// Processor time of a process and all its threads so far, in microseconds.
pub(crate) fn cpu_micros(pid: u32) -> Result<u64, Failure> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name, in brackets, may have blanks; utime and stime are the 12th and 13th after it.
    let (_, after) = stat.rsplit_once(')').ok_or("no name in /proc/PID/stat")?;
    let mut fields = after.split_ascii_whitespace().skip(11);
    let mut next = || fields.next().ok_or("/proc/PID/stat is short");
    let ticks: u64 = next()?.parse::<u64>()?.saturating_add(next()?.parse::<u64>()?);
    Ok(ticks.saturating_mul(TICK_MICROS))
}

/// The most memory a process has had resident, in MiB.
pub(crate) fn peak_mib(pid: u32) -> Result<f64, Failure> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib / 1024.0)
}

/// How many threads a process has.
pub(crate) fn threads(pid: u32) -> Result<u64, Failure> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("Threads:"));
    Ok(line.ok_or("no Threads")?.trim().parse()?)
}
