//! 5 GiB objects, by one raw PUT and by multipart, and back again: is memory bounded?

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::Method;
use signing::sign::Payload;

use crate::Failure;
use crate::client::{Keep, Repeat, element};
use crate::house::{Mode, Running, Scratch, start};
use crate::load::say;
use crate::process::peak_mib;
use crate::world::{BUCKET, World};

/// The size of the object: the most that one PUT may carry.
const OBJECT_BYTES: u64 = 5 << 30;
/// The size of a part.
const PART_BYTES: u64 = 64 << 20;
/// How many parts are under way at a time.
const LANES: u64 = 4;

/// One way of moving 5 GiB.
pub(crate) struct Moved {
    /// As the report names it.
    pub(crate) what: &'static str,
    /// How fast, in MB/s.
    pub(crate) megabytes: f64,
    /// The server's peak of resident memory, in MiB.
    pub(crate) peak_mib: f64,
}

/// Moves 5 GiB each way, each against a server that was started for it.
pub(crate) async fn measure(binary: &Path, scratch: &Scratch) -> Result<Vec<Moved>, Failure> {
    let data = scratch.join("large");
    let server = start(binary, &data, Mode::Available)?;
    let world = World::make(&server).await?;
    let block = Bytes::from(vec![7; 1 << 20]);
    let mut moved = Vec::new();

    say("5 GiB by one raw PUT");
    let began = Instant::now();
    let body = Repeat::of(block.clone(), OBJECT_BYTES);
    let target = format!("/{BUCKET}/raw");
    let put = world.caller.s3(Method::PUT, &target, body, Payload::Unsigned)?;
    world.caller.once(&put).await?;
    moved.push(done("one raw PUT", began, server)?);

    say("5 GiB by multipart");
    let server = start(binary, &data, Mode::Available)?;
    let here = Arc::new(world.at(&server)?);
    let began = Instant::now();
    multipart(&here, &block).await?;
    moved.push(done("multipart, 80 parts of 64 MiB, 4 at a time", began, server)?);

    say("5 GiB by one GET");
    let server = start(binary, &data, Mode::Available)?;
    let here = world.at(&server)?;
    let began = Instant::now();
    let get = here.caller.get(&target)?;
    let answer = here.caller.connect().await?.send(&get, Keep::Count).await?;
    if answer.bytes != OBJECT_BYTES {
        return Err(format!("{} bytes came back", answer.bytes).into());
    }
    moved.push(done("one GET", began, server)?);
    Ok(moved)
}

fn done(what: &'static str, began: Instant, server: Running) -> Result<Moved, Failure> {
    let seconds = began.elapsed().as_secs_f64();
    let megabytes = crate::spread::float(OBJECT_BYTES) / seconds / 1e6;
    let peak_mib = peak_mib(server.pid())?;
    server.stop()?;
    Ok(Moved { what, megabytes, peak_mib })
}

async fn multipart(world: &Arc<World>, block: &Bytes) -> Result<(), Failure> {
    let target = format!("/{BUCKET}/parts");
    let nothing = (Repeat::default(), Payload::Whole(b""));
    let create = format!("{target}?uploads=");
    let create = world.caller.s3(Method::POST, &create, nothing.0, nothing.1)?;
    let upload = element(&world.caller.once(&create).await?, "UploadId")?.to_owned();
    let lanes: Vec<_> = (0..LANES)
        .map(|lane| {
            let target = format!("{target}?uploadId={upload}");
            tokio::spawn(parts(Arc::clone(world), target, lane, block.clone()))
        })
        .collect();
    let mut all = Vec::new();
    for lane in lanes {
        all.extend(lane.await??);
    }
    all.sort();
    let listed: String = all
        .iter()
        .map(|(n, etag)| format!("<Part><PartNumber>{n}</PartNumber><ETag>{etag}</ETag></Part>"))
        .collect();
    let list = Bytes::from(format!("<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>"));
    let complete = format!("{target}?uploadId={upload}");
    let body = Repeat::once(list.clone());
    let complete = world.caller.s3(Method::POST, &complete, body, Payload::Whole(&list))?;
    element(&world.caller.once(&complete).await?, "ETag").map(drop)
}

/// Every fourth part, each with its number and `ETag`.
async fn parts(
    world: Arc<World>,
    target: String,
    lane: u64,
    block: Bytes,
) -> Result<Vec<(u64, String)>, Failure> {
    let mut connection = world.caller.connect().await?;
    let mut sent = Vec::new();
    let lanes = usize::try_from(LANES)?;
    for number in (1..=OBJECT_BYTES / PART_BYTES).skip(usize::try_from(lane)?).step_by(lanes) {
        let target = format!("{target}&partNumber={number}");
        let body = Repeat::of(block.clone(), PART_BYTES);
        let put = world.caller.s3(Method::PUT, &target, body, Payload::Unsigned)?;
        let answer = connection.send(&put, Keep::Count).await?;
        sent.push((number, answer.etag.ok_or("a part has no ETag")?));
    }
    Ok(sent)
}
