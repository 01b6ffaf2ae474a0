//! From the start of the process to the first authorised answer.

use std::path::Path;
use std::time::Instant;

use crate::Failure;
use crate::client::Caller;
use crate::house::{Mode, ROOT_KEY, ROOT_SECRET, Scratch, start};
use crate::spread::Spread;
use crate::world::World;

/// How often each is tried.
const STARTS: usize = 9;

/// Start-up times in milliseconds.
pub(crate) struct Startup {
    /// A first start, which makes the account and the keys.
    pub(crate) first: Spread,
    /// A start on the data that the load left.
    pub(crate) again: Spread,
}

/// Measures both; `loaded` is the data directory that the load left, and `world` what is in it.
pub(crate) async fn measure(
    binary: &Path,
    scratch: &Scratch,
    (loaded, world): (&Path, &World),
) -> Result<Startup, Failure> {
    let (mut first, mut again) = (Vec::new(), Vec::new());
    for n in 0..STARTS {
        let began = Instant::now();
        let server = start(binary, &scratch.join(&format!("first-{n}")), Mode::Available)?;
        let root = Caller::new(server.address, ROOT_KEY, ROOT_SECRET)?;
        root.once(&root.get("/")?).await?;
        first.push(began.elapsed().as_secs_f64() * 1e3);
        server.stop()?;
        let began = Instant::now();
        let server = start(binary, loaded, Mode::Available)?;
        let world = world.at(&server)?;
        let request = world.caller.get(&format!("/{}/small/read/0", crate::world::BUCKET))?;
        world.caller.once(&request).await?;
        again.push(began.elapsed().as_secs_f64() * 1e3);
        server.stop()?;
    }
    Ok(Startup { first: Spread::of(first), again: Spread::of(again) })
}
