//! Backup, and rotation of the master key.

use std::path::{Component, Path, PathBuf};

use audit::Permit;
use identity::ops::{Backup, RotateMasterKey};
use serde::Deserialize;
use serde_json::json;

use super::{Parsed, answer, invalid, operator};
use crate::Response;
use crate::exchange::{Act, Exchange, Prepared};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Where {
    directory: PathBuf,
}

/// `POST backup {directory}`
pub(crate) async fn backup(mut x: Exchange) -> Response {
    let (prepared, directory) = match prepare_backup(&mut x) {
        Ok((prepared, directory)) => (Ok(prepared), directory),
        Err(error) => (Err(error), PathBuf::new()),
    };
    x.through(prepared, async move |act: Act, permit: Permit<Backup>| {
        let copied = act.services.operator.backup(&permit, &directory).await?;
        let mut value = json!(copied);
        if let Some(members) = value.as_object_mut() {
            members.insert("directory".to_owned(), json!(directory));
        }
        answer(&value)
    })
    .await
}

fn prepare_backup(x: &mut Exchange) -> Parsed<(Prepared<Backup>, PathBuf)> {
    x.parameters(&[])?;
    let Where { directory } = x.json()?;
    plain(&directory)?;
    let prepared = Prepared::new(Backup { operator: operator(&x.services)? });
    Ok((Prepared { detail: Some(directory.display().to_string()), ..prepared }, directory))
}

/// A directory that means the same wherever the server was started.
fn plain(directory: &Path) -> Parsed<()> {
    let climbs = directory.components().any(|part| part == Component::ParentDir);
    if directory.is_absolute() && !climbs {
        return Ok(());
    }
    Err(invalid(format!("`{}` must be an absolute path without `..`", directory.display())))
}

/// `POST keys/rotate`
pub(crate) async fn rotate(mut x: Exchange) -> Response {
    let prepared = prepare_rotate(&mut x);
    x.through(prepared, async |act: Act, permit: Permit<RotateMasterKey>| {
        let resealed = act.services.operator.rotate_master_key(permit).await?;
        answer(&json!({ "resealed": resealed }))
    })
    .await
}

fn prepare_rotate(x: &mut Exchange) -> Parsed<Prepared<RotateMasterKey>> {
    x.parameters(&[])?;
    x.no_body()?;
    Ok(Prepared::new(RotateMasterKey { operator: operator(&x.services)? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_goes_to_an_absolute_path_that_does_not_climb() {
        assert!(plain(Path::new("/var/backups/a")).is_ok());
        for bad in ["backups", "", "./a", "/var/../etc", ".."] {
            assert!(plain(Path::new(bad)).is_err(), "{bad}");
        }
    }
}
