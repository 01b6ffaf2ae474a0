//! A crowd: thousands of connections that ask nothing or dribble, and a flood of bad logins, while
//! honest clients go on. The crowd is a process of its own; its patience with the server is
//! endless, and the server's limits of time are set high for it, so that every connection stays.

use std::io::{BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::Failure;
use crate::house::{Mode, Scratch, start_with};
use crate::load::{Content, Verb, round, say};
use crate::process::{peak_mib, threads};
use crate::spread::{Spread, digits};
use crate::world::World;

/// Connections that never ask.
const IDLE: usize = 10_000;
/// Connections that send a byte a second: half of them of a head, half of a body.
const SLOW: usize = 2_000;
/// How many loopback addresses the crowd comes from.
const ADDRESSES: usize = 64;
/// How many honest clients there are.
const HONEST: usize = 4;
/// Bad logins in a second, by how many connections.
const FLOOD: (u32, usize) = (1_000, 16);
/// What the server lets a connection do, so that the crowd stays.
const PATIENCE: &[(&str, &str)] = &[
    ("STRONGROOM_LIMITS_HEAD_SECONDS", "3600"),
    ("STRONGROOM_LIMITS_IDLE_SECONDS", "3600"),
    ("STRONGROOM_LIMITS_BODY_BYTES_PER_SECOND", "0"),
    ("STRONGROOM_LIMITS_DRAIN_SECONDS", "1"),
];

/// One phase: what the honest clients saw.
struct Phase {
    name: &'static str,
    p50: Spread,
    p99: Spread,
    rate: Spread,
}

/// Measures all phases and prints them.
pub(crate) async fn measure(binary: &Path, scratch: &Scratch) -> Result<(), Failure> {
    let server = start_with(binary, &scratch.join("crowd"), Mode::Available, PATIENCE)?;
    let world = World::make(&server).await?;
    let content = Content::new(4096, "crowd");
    content.seed(&world).await?;
    let pid = server.pid();
    let phase = async |name| honest(name, &world, &content, pid).await;
    let threads_before = threads(pid)?;
    let mut phases = vec![phase("alone").await?];
    {
        let _crowd = crowd(&["crowd", &server.address.to_string()])?;
        phases.push(phase("beside the crowd").await?);
        say(&format!("peak {} MiB, {} threads", digits(peak_mib(pid)?), threads(pid)?));
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    phases.push(phase("alone again").await?);
    {
        let _flood = crowd(&["flood", &server.address.to_string()])?;
        phases.push(phase("beside the flood").await?);
    }
    phases.push(phase("alone at last").await?);
    println!("{IDLE} idle and {SLOW} slow connections; {} bad logins a second", FLOOD.0);
    println!("| phase | honest p50, µs | p99, µs | requests/s |\n|---|---|---|---|");
    for Phase { name, p50, p99, rate } in &phases {
        println!("| {name} | {p50} | {p99} | {rate} |");
    }
    let ratio = |loaded: usize, before: usize| {
        let p99 = |index: usize| phases.get(index).map_or(0.0, |phase| phase.p99.median);
        digits(p99(loaded) / p99(before).max(1.0))
    };
    println!("p99 beside the crowd: {} of alone", ratio(1, 0));
    println!("p99 beside the flood: {} of alone", ratio(3, 2));
    println!("peak memory: {} MiB", digits(peak_mib(pid)?));
    println!("threads: {threads_before} before, {} after", threads(pid)?);
    server.stop()
}

async fn honest(
    name: &'static str,
    world: &World,
    content: &Content,
    pid: u32,
) -> Result<Phase, Failure> {
    say(name);
    let mut rounds = Vec::new();
    for _ in 0..5 {
        let work = content.requests(world, Verb::Get, HONEST)?;
        rounds.push(round(work, world.caller.address(), pid, 2.0).await?);
    }
    let of = |number: fn(&crate::load::Round) -> f64| Spread::of(rounds.iter().map(number));
    Ok(Phase {
        name,
        p50: of(|round| round.p50_micros()),
        p99: of(|round| round.p99_micros()),
        rate: of(|round| round.per_second()),
    })
}

/// A crowd of this program's own; it goes with the value.
struct Crowd(Child);

impl Drop for Crowd {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts one and waits until all of it is there.
fn crowd(words: &[&str]) -> Result<Crowd, Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    let mut crowd = Crowd(command.args(words).stdout(Stdio::piped()).spawn()?);
    let mut line = String::new();
    if let Some(out) = crowd.0.stdout.take() {
        BufReader::new(out).read_line(&mut line)?;
    }
    if line.is_empty() {
        return Err("the crowd did not come".into());
    }
    say(line.trim());
    Ok(crowd)
}

/// Connects from one of the crowd's addresses.
async fn connect(to: SocketAddr, n: usize) -> Result<TcpStream, Failure> {
    let last = u8::try_from(n % ADDRESSES)?.saturating_add(2);
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 1, last)), 0))?;
    Ok(socket.connect(to).await?)
}

/// The crowd itself: connects, says that it is there, and stays.
pub(crate) async fn stay(address: &str) -> Result<(), Failure> {
    let to: SocketAddr = address.parse()?;
    let mut idle = Vec::with_capacity(IDLE);
    for n in 0..IDLE {
        idle.push(connect(to, n).await?);
    }
    for n in 0..SLOW {
        let mut stream = connect(to, n).await?;
        tokio::spawn(async move {
            // A form is read before anybody knows who sends it.
            let body = b"POST / HTTP/1.1\r\nhost: h\r\n\
                content-type: application/x-www-form-urlencoded\r\ncontent-length: 100000\r\n\r\n";
            let head = b"GET /bench/slow HTTP/1.1\r\nhost: h\r\nx: ";
            let start = if n % 2 == 0 { &body[..] } else { &head[..] };
            let mut sent = stream.write_all(start).await;
            while sent.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
                sent = stream.write_all(b"a").await;
            }
        });
    }
    println!("{} connections are there", idle.len().saturating_add(SLOW));
    std::future::pending::<()>().await;
    drop(idle);
    Ok(())
}

/// A flood of sign-ins that prove nothing.
pub(crate) async fn flood(address: &str) -> Result<(), Failure> {
    let to: SocketAddr = address.parse()?;
    let (rate, connections) = FLOOD;
    let each = Duration::from_secs(1) * u32::try_from(connections)? / rate;
    // An unsecured-looking token of an issuer that nobody configured, and one that is no token.
    let token = "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJpc3MiOiJodHRwczovL2V4YW1wbGUuY29tIn0.AAAA";
    let body = format!(
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleSessionName=x\
        &RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fx&WebIdentityToken={token}"
    );
    let length = body.len();
    let request = format!(
        "POST / HTTP/1.1\r\nhost: h\r\ncontent-type: application/x-www-form-urlencoded\r\n\
        content-length: {length}\r\n\r\n{body}"
    );
    for n in 0..connections {
        let request = request.clone();
        tokio::spawn(async move {
            let Ok(mut stream) = connect(to, n).await else { return };
            let mut tick = tokio::time::interval(each);
            let mut answer = vec![0; 16 * 1024];
            loop {
                tick.tick().await;
                if stream.write_all(request.as_bytes()).await.is_err()
                    || !matches!(stream.read(&mut answer).await, Ok(1..))
                {
                    return;
                }
            }
        });
    }
    println!("{rate} bad logins a second from {connections} connections");
    std::future::pending::<()>().await;
    Ok(())
}
