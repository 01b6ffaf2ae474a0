//! The yardsticks: the same HTTP library with nothing behind it, a loopback copy, and MD5.
//!
//! `bare` runs as a process of its own, so that its processor time can be told from the load's.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use md5::{Digest, Md5};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::Failure;
use crate::house::start_bare;
use crate::load::Plan;
use crate::spread::{Spread, length};

/// The size of the answer, as that of the object it is compared with.
pub(crate) const ANSWER_BYTES: usize = 1024;
/// What a connection says first that wants a stream instead of HTTP.
const STREAM: &[u8] = b"STREAM\n";
/// How much is copied at a time, in bytes.
const COPY_BYTES: usize = 256 * 1024;

/// Serves until killed. A connection that opens with `STREAM` gets bytes without end, any other is
/// HTTP and gets 1 KiB for every request.
pub(crate) async fn serve() -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("bare http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(connection(stream));
    }
}

async fn connection(mut stream: TcpStream) {
    let mut start = [0; STREAM.len()];
    if stream.peek(&mut start).await.is_ok_and(|n| start.get(..n) == Some(STREAM)) {
        let block = vec![7; COPY_BYTES];
        while stream.write_all(&block).await.is_ok() {}
        return;
    }
    let answer = Bytes::from(vec![7; ANSWER_BYTES]);
    let service = service_fn(move |_: Request<Incoming>| {
        let answer = answer.clone();
        async move { Ok::<_, Infallible>(Response::new(Full::new(answer))) }
    });
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// What an upload and a download are compared with, in MB/s.
#[derive(Default)]
pub(crate) struct Yardsticks {
    md5: Vec<f64>,
    loopback: Vec<f64>,
}

impl Yardsticks {
    /// Measures both once more, in turns.
    pub(crate) async fn measure(&mut self, plan: &Plan) -> Result<(), Failure> {
        let time = Duration::from_secs_f64(plan.seconds);
        let bare = start_bare()?;
        for _ in 0..plan.rounds {
            self.md5.push(md5_rate(time));
            self.loopback.push(loopback_rate(bare.address, time).await?);
        }
        Ok(())
    }

    /// MD5 on one core.
    pub(crate) fn md5(&self) -> Spread {
        Spread::of(self.md5.iter().copied())
    }

    /// A copy between two processes over one loopback connection.
    pub(crate) fn loopback(&self) -> Spread {
        Spread::of(self.loopback.iter().copied())
    }
}

async fn loopback_rate(address: SocketAddr, time: Duration) -> Result<f64, Failure> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(STREAM).await?;
    let mut block = vec![0; COPY_BYTES];
    let mut bytes = 0.0;
    let began = Instant::now();
    while began.elapsed() < time {
        bytes += length(stream.read(&mut block).await?);
    }
    Ok(bytes / began.elapsed().as_secs_f64() / 1e6)
}

fn md5_rate(time: Duration) -> f64 {
    let block = vec![7; COPY_BYTES];
    let mut digest = Md5::new();
    let mut bytes = 0.0;
    let began = Instant::now();
    while began.elapsed() < time {
        digest.update(&block);
        bytes += length(block.len());
    }
    std::hint::black_box(digest.finalize());
    bytes / began.elapsed().as_secs_f64() / 1e6
}
