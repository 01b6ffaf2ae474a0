//! The sinks' half of `cargo xtask conformance audit`: real receivers, installed and started on
//! loopback, each away for a while. `cargo xtask conformance audit sinks [NAME…]` runs it alone.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::maven::Archive;
use super::{debian, done, once, seconds};
use crate::Findings;
use crate::check::root;

/// Debian's packages, and a program of each.
const PACKAGES: &[(&str, &str)] = &[
    ("rsyslog", "/usr/sbin/rsyslogd"),
    ("rsyslog-gnutls", "/usr/lib/x86_64-linux-gnu/rsyslog/lmnsd_gtls.so"),
    ("redis-server", "/usr/bin/redis-server"),
    ("nats-server", "/usr/sbin/nats-server"),
    ("mosquitto", "/usr/sbin/mosquitto"),
    ("rabbitmq-server", "/usr/sbin/rabbitmq-server"),
    ("zstd", "/usr/bin/zstd"),
    ("unzip", "/usr/bin/unzip"),
    ("postgresql", "/usr/lib/postgresql/15/bin/postgres"),
];

/// The whole of them but plugins and modules, as their makers publish it for their own tests.
const SEARCH: &[Archive] = &[
    Archive {
        group: "org.opensearch.distribution.integ-test-zip",
        name: "opensearch",
        version: "2.19.3",
        digest: "760530e522de0a9f06380d4a4a43dfd83c31fa8911f41745513ce715ed5dfd03",
        folder: "opensearch",
    },
    Archive {
        group: "org.elasticsearch.distribution.integ-test-zip",
        name: "elasticsearch",
        version: "8.19.4",
        digest: "553088b4c0f60f04d7c63da609aaeae372c483159f4fb8013599e91233aab0de",
        folder: "elasticsearch",
    },
];

/// Installs the receivers and runs the script against a binary.
pub(super) fn run(binary: &Path, names: &[&str]) -> Result<(), Findings> {
    let here = root().join("conformance/audit/sinks");
    let conformance = root().join("target/conformance");
    let tools = conformance.join("sinks");
    let run = conformance.join(format!("run-sinks-{}", seconds()));
    for directory in [&tools, &run] {
        fs::create_dir_all(directory)
            .map_err(|error| vec![format!("{}: {error}", directory.display())])?;
    }
    for (package, program) in PACKAGES {
        debian(package, || Path::new(program).exists())?;
    }
    let requirements = here.join("requirements.txt");
    once(&tools.join("venv.installed"), &requirements, || {
        let venv = tools.join("venv");
        done(
            Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv),
            "python3 -m venv",
        )?;
        let pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--requirement"];
        let python = venv.join("bin/python");
        done(Command::new(python).args(pip).arg(&requirements), "pip install")
    })?;
    let kafka = here.join("kafka.xml");
    once(&tools.join("kafka.installed"), &kafka, || {
        let mut maven = Command::new("mvn");
        maven.args(["--quiet", "--batch-mode", "--file"]).arg(&kafka);
        maven.args(["dependency:copy-dependencies", "-DincludeScope=runtime"]);
        maven.arg(format!("-DoutputDirectory={}", tools.join("kafka").display()));
        done(&mut maven, "mvn dependency:copy-dependencies")
    })?;
    let collector = here.join("collector");
    once(&tools.join("collector.installed"), &collector.join("go.sum"), || {
        let mut go = Command::new("go");
        go.args(["build", "-o"]).arg(tools.join("collector")).arg(".").current_dir(&collector);
        done(&mut go, "the build of the collector in Go")
    })?;
    for archive in SEARCH {
        archive.install(&tools.join(archive.name))?;
    }
    let mut script = Command::new(tools.join("venv/bin/python"));
    script.arg(here.join("run.py")).args([&run, binary, &tools]).args(names);
    script.env("PYTHONDONTWRITEBYTECODE", "1");
    done(&mut script, &format!("run.py, whose files are under {},", run.display()))?;
    // A directory that stays is only in the way.
    let _ = fs::remove_dir_all(&run);
    Ok(())
}
