//! Fetches the service models from PyPI, pinned.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Outcome;
use super::operations::{BOTOCORE_SHA256, BOTOCORE_VERSION, SERVICES};

/// Unpacks one model of the wheel: `wheel member destination`.
const UNPACK: &str = "import sys,zipfile,gzip
w,m,d=sys.argv[1:]
open(d,'wb').write(gzip.decompress(zipfile.ZipFile(w).read(m)))";

/// The directory that holds `{service}.json`; fetched if it is not there yet.
///
/// # Errors
/// No python3 or pip, no network, another hash, or another layout of the package.
pub(crate) fn models(work: &Path) -> Outcome<PathBuf> {
    let directory = work.join(format!("botocore-{BOTOCORE_VERSION}"));
    if SERVICES.iter().all(|s| directory.join(format!("{}.json", s.name)).is_file()) {
        return Ok(directory);
    }
    fs::create_dir_all(&directory)?;
    let requirement = directory.join("requirements.txt");
    fs::write(
        &requirement,
        format!("botocore=={BOTOCORE_VERSION} --hash=sha256:{BOTOCORE_SHA256}\n"),
    )?;
    let pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"];
    python(
        Command::new("python3")
            .args(pip)
            .arg("--require-hashes")
            .arg("--requirement")
            .arg(&requirement)
            .arg("--dest")
            .arg(&directory),
    )?;
    let wheel = directory.join(format!("botocore-{BOTOCORE_VERSION}-py3-none-any.whl"));
    for service in &SERVICES {
        let member =
            format!("botocore/data/{}/{}/service-2.json.gz", service.name, service.version);
        let unpacked = directory.join(format!("{}.json", service.name));
        python(Command::new("python3").args(["-c", UNPACK]).arg(&wheel).arg(member).arg(unpacked))?;
    }
    fs::remove_file(wheel)?;
    Ok(directory)
}

fn python(command: &mut Command) -> Outcome {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("python3 failed ({status}); see above").into()),
        Err(error) => {
            Err(format!("python3 with pip is needed to fetch the service models: {error}").into())
        }
    }
}
