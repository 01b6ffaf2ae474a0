//! What `strongroom policy test` takes for a hundred thousand cases: the whole process, from its
//! start until it has said of each case what came of it.

use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};

use crate::{Failure, float};

/// How many cases a file has.
const CASES: usize = 100_000;
/// How often each is measured.
const ROUNDS: usize = 7;

/// How long one way of asking took.
pub(crate) struct Line {
    /// What was asked, and how.
    pub(crate) what: &'static str,
    /// Bytes of the file.
    pub(crate) bytes: u64,
    /// Seconds on the clock: the least, the middle and the most over rounds.
    pub(crate) wall: [f64; 3],
    /// Seconds of processor time: the same.
    pub(crate) processor: [f64; 3],
}

/// Measures a binary of `strongroom`.
pub(crate) fn measure(binary: &Path) -> Result<Vec<Line>, Failure> {
    let mut lines = Vec::new();
    for (documents, ways) in [
        (500, [("500 documents, `--json`", "--json"), ("500 documents, `--quiet`", "--quiet")]),
        (
            CASES,
            [
                ("a document for each case, `--json`", "--json"),
                ("a document for each case, `--quiet`", "--quiet"),
            ],
        ),
    ] {
        let file = File::write(documents)?;
        for (what, flag) in ways {
            lines.push(file.time(binary, what, flag)?);
        }
    }
    Ok(lines)
}

/// A file of cases, which goes when it is dropped.
struct File {
    path: PathBuf,
    bytes: u64,
}

impl File {
    /// Writes a hundred thousand cases, each of one of so many documents of five statements.
    fn write(documents: usize) -> Result<Self, Failure> {
        let name = format!("strongroom-cases-{}-{documents}.json", std::process::id());
        let path = std::env::temp_dir().join(name);
        let mut out = BufWriter::new(fs::File::create(&path)?);
        for number in 0..CASES {
            writeln!(out, "{}", case(number, number % documents))?;
        }
        out.flush()?;
        let bytes = fs::metadata(&path)?.len();
        Ok(Self { path, bytes })
    }

    fn time(&self, binary: &Path, what: &'static str, flag: &str) -> Result<Line, Failure> {
        let (mut wall, mut processor) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let (began, before) = (Instant::now(), children_seconds()?);
            let status = Command::new(binary)
                .args(["policy", "test", flag])
                .arg(&self.path)
                .stdout(Stdio::null())
                .status()?;
            wall.push(began.elapsed().as_secs_f64());
            processor.push(children_seconds()? - before);
            if !status.success() {
                return Err(format!("`policy test` ended with {status}").into());
            }
        }
        let [wall, processor] = [wall, processor].map(spread);
        Ok(Line { what, bytes: self.bytes, wall, processor })
    }
}

impl Drop for File {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            eprintln!("{}: {error}", self.path.display());
        }
    }
}

fn spread(mut seconds: Vec<f64>) -> [f64; 3] {
    seconds.sort_by(f64::total_cmp);
    let at = |place: usize| seconds.get(place).copied().unwrap_or_default();
    [at(0), at(seconds.len() / 2), at(seconds.len().saturating_sub(1))]
}

/// Processor time of all children that have ended, in seconds.
fn children_seconds() -> Result<f64, Failure> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name, in brackets, may have blanks; cutime and cstime are the 14th and 15th after it.
    let (_, after) = stat.rsplit_once(')').ok_or("no name in /proc/self/stat")?;
    let ticks = after.split_ascii_whitespace().skip(13).take(2).map(str::parse::<u64>);
    // `USER_HZ` is 100 on every architecture that we run on.
    Ok(float(ticks.sum::<Result<u64, _>>()?) / 100.0)
}

/// One case: who asks, what the policy says, and what is to come of it.
fn case(number: usize, document: usize) -> Value {
    let (action, place, tls, expect) = match number / 7 % 4 {
        0 => ("s3:GetObject", "in", "true", "allow"),
        1 => ("s3:PutObject", "out", "true", "implicit-deny"),
        2 => ("s3:GetObject", "sealed", "true", "explicit-deny"),
        _ => ("s3:DeleteObject", "tmp", "false", "explicit-deny"),
    };
    let address = format!("10.0.{}.7", number % 256);
    json!({
        "name": format!("case {number}"),
        "request": {
            "principal": format!("arn:aws:iam::111122223333:user/u{}", number % 977),
            "action": action,
            "resource": format!("arn:aws:s3:::tenant-{document}/{place}/{number}.csv"),
            "context": { "aws:SecureTransport": tls, "aws:SourceIp": address },
        },
        "identity_policies": [{ "name": "inline:tenant", "document": policy(document) }],
        "expect": expect,
    })
}

fn policy(document: usize) -> Value {
    let arn = format!("arn:aws:s3:::tenant-{document}");
    let prefixes = json!({ "s3:prefix": ["in/*", "out/*"] });
    json!({ "Version": "2012-10-17", "Statement": [
        { "Sid": "List", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": arn,
          "Condition": { "StringLike": prefixes } },
        { "Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject", "s3:GetObjectVersion"],
          "Resource": format!("{arn}/*") },
        { "Sid": "Write", "Effect": "Allow", "Action": ["s3:PutObject", "s3:DeleteObject"],
          "Resource": [format!("{arn}/in/*"), format!("{arn}/tmp/*")] },
        { "Sid": "Sealed", "Effect": "Deny", "Action": "s3:*",
          "Resource": format!("{arn}/sealed/*") },
        { "Sid": "Tls", "Effect": "Deny", "Action": "s3:*", "Resource": [arn, format!("{arn}/*")],
          "Condition": { "Bool": { "aws:SecureTransport": "false" } } },
    ] })
}
