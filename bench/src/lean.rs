//! A load that leaves the machine to the server: one thread that waits for all its connections at
//! once, with nothing between it and the kernel. Everything that a load spends, the server on the
//! same cores must wait for. When it keeps a rate it goes before the server where it may, as a
//! client on a machine of its own would: a wait for a core that the server has is not the server's.

use std::collections::VecDeque;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use rustix::io::Errno;
use rustix::process::{getpriority_process, setpriority_process};

use crate::Failure;

/// Room for what is read at once, in bytes; longer answers take more reads. A larger buffer would
/// push what the server needs out of the cores' caches.
const READ_BYTES: usize = 4 * 1024;
/// How much of an error is shown, in bytes.
const SHOWN_BYTES_MAX: usize = 800;

/// When requests are sent.
#[derive(Clone, Copy)]
pub(crate) enum Pace {
    /// Each connection sends when it has the answer to the one before.
    Free,
    /// So many a second, from the connections in turn. A request's time runs from when it is due:
    /// what it waits for the answer before it, or for this thread to get a core, counts.
    Rate(f64),
}

/// What a load showed.
#[derive(Default)]
pub(crate) struct Shown {
    /// Nanoseconds that each answer took.
    pub(crate) latencies: Vec<u64>,
    /// Bytes of all answers, heads included.
    pub(crate) bytes: u64,
    /// How long it went on.
    pub(crate) seconds: f64,
}

/// Sends the requests, each on a connection of its own, again and again; returns when the time is
/// up and everything is answered.
///
/// # Errors
/// The server closes a connection, or answers with anything but 200 and a length.
pub(crate) fn run(
    address: SocketAddr,
    requests: &[Vec<u8>],
    pace: Pace,
    length: Duration,
) -> Result<Shown, Failure> {
    let mut load = Load::to(address, requests)?;
    let _first = matches!(pace, Pace::Rate(_)).then(First::ask);
    let began = Instant::now();
    let until = began + length;
    let mut next = match pace {
        Pace::Free => {
            for line in &mut load.lines {
                line.ask(began)?;
            }
            None
        }
        Pace::Rate(rate) => Some((began, Duration::from_secs_f64(1.0 / rate))),
    };
    let (mut turn, mut again) = (0, matches!(pace, Pace::Free));
    loop {
        let now = Instant::now();
        while let Some((due, every)) = next
            && due <= now
        {
            let lines = load.lines.len();
            load.lines.get_mut(turn % lines).ok_or("no connection")?.ask(due)?;
            turn += 1;
            next = Some((due + every, every)).filter(|(due, _)| *due < until);
        }
        if next.is_none() && load.lines.iter().all(|line| line.asked.is_empty()) {
            break;
        }
        load.wait(next.map(|(due, _)| due.saturating_duration_since(Instant::now())), again)?;
        again &= Instant::now() < until;
    }
    load.shown.seconds = began.elapsed().as_secs_f64();
    Ok(load.shown)
}

/// This thread goes before others, if it may, until the value is gone.
pub(crate) struct First {
    /// What it was before, if it may.
    before: Option<i32>,
}

impl First {
    /// Asks for it: the least niceness that there is.
    pub(crate) fn ask() -> Self {
        let granted = |_: &i32| setpriority_process(None, -20).is_ok();
        Self { before: getpriority_process(None).ok().filter(granted) }
    }

    /// Whether it goes first.
    pub(crate) fn granted(&self) -> bool {
        self.before.is_some()
    }
}

impl Drop for First {
    fn drop(&mut self) {
        if let Some(before) = self.before {
            // Whoever was granted less niceness may have more.
            let _ = setpriority_process(None, before);
        }
    }
}

/// All connections.
struct Load {
    poll: rustix::fd::OwnedFd,
    lines: Vec<Line>,
    events: Vec<epoll::Event>,
    shown: Shown,
}

impl Load {
    fn to(address: SocketAddr, requests: &[Vec<u8>]) -> Result<Self, Failure> {
        let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let mut lines = Vec::with_capacity(requests.len());
        for (n, request) in requests.iter().enumerate() {
            let stream = TcpStream::connect(address)?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            let number = epoll::EventData::new_u64(u64::try_from(n)?);
            epoll::add(&poll, &stream, number, epoll::EventFlags::IN)?;
            let (request, asked) = (request.clone(), VecDeque::new());
            lines.push(Line { stream, request, asked, got: Vec::new() });
        }
        let events = Vec::with_capacity(lines.len().max(1));
        Ok(Self { poll, lines, events, shown: Shown::default() })
    }

    /// Waits for answers, and takes those that have come; whoever has one asks `again`.
    fn wait(&mut self, most: Option<Duration>, again: bool) -> Result<(), Failure> {
        let most = most.map(Timespec::try_from).transpose()?;
        epoll::wait(&self.poll, spare_capacity(&mut self.events), most.as_ref())?;
        for event in self.events.drain(..) {
            let number = usize::try_from(event.data.u64())?;
            let line = self.lines.get_mut(number).ok_or("no such connection")?;
            let Some((since, bytes)) = line.hear()? else { continue };
            self.shown.latencies.push(u64::try_from(since.elapsed().as_nanos())?);
            self.shown.bytes = self.shown.bytes.saturating_add(u64::try_from(bytes)?);
            if again {
                line.ask(Instant::now())?;
            }
        }
        Ok(())
    }
}

/// One connection.
struct Line {
    stream: TcpStream,
    request: Vec<u8>,
    /// Since when what was asked counts; the first is on its way.
    asked: VecDeque<Instant>,
    /// What has come of the answer.
    got: Vec<u8>,
}

impl Line {
    /// Sends the request, once those before it are answered.
    fn ask(&mut self, since: Instant) -> Result<(), Failure> {
        self.asked.push_back(since);
        if self.asked.len() == 1 { self.send() } else { Ok(()) }
    }

    fn send(&mut self) -> Result<(), Failure> {
        let sent = self.stream.write(&self.request)?;
        if sent == self.request.len() {
            Ok(())
        } else {
            Err("the server takes only a part of a request".into())
        }
    }

    /// Reads what has come. A whole answer: since when it was asked for, and its bytes.
    fn hear(&mut self) -> Result<Option<(Instant, usize)>, Failure> {
        self.got.reserve(READ_BYTES);
        let read = match rustix::io::read(&self.stream, spare_capacity(&mut self.got)) {
            Err(Errno::AGAIN) => return Ok(None),
            read => read?,
        };
        if read == 0 {
            return Err("the server closed a connection".into());
        }
        let Some(bytes) = answer_bytes(&self.got)? else { return Ok(None) };
        if self.got.len() > bytes {
            return Err("more came than was asked for".into());
        }
        self.got.clear();
        let since = self.asked.pop_front().ok_or("an answer came that nobody asked for")?;
        if !self.asked.is_empty() {
            self.send()?;
        }
        Ok(Some((since, bytes)))
    }
}

/// How many bytes the answer has that `got` begins with, once it is whole.
fn answer_bytes(got: &[u8]) -> Result<Option<usize>, Failure> {
    let Some(end) = got.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(got.get(..end).unwrap_or_default())?;
    if !head.starts_with("HTTP/1.1 200 ") {
        let said = got.get(..SHOWN_BYTES_MAX.min(got.len())).unwrap_or_default();
        return Err(format!("a request was answered {}", String::from_utf8_lossy(said)).into());
    }
    let mut lengths = head.lines().filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>())
    });
    let length = lengths.next_back().ok_or("an answer has no length")??;
    let whole = end + 4 + length;
    Ok((got.len() >= whole).then_some(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_went_first_goes_with_the_others_again() {
        let before = getpriority_process(None).unwrap();
        let first = First::ask();
        let expected = if first.granted() { -20 } else { before };
        assert_eq!(getpriority_process(None).unwrap(), expected);
        drop(first);
        assert_eq!(getpriority_process(None).unwrap(), before);
    }

    #[test]
    fn an_answer_is_whole_when_all_its_bytes_are_there() {
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        for cut in 0..whole.len() {
            assert_eq!(answer_bytes(&whole[..cut]).unwrap(), None, "{cut}");
        }
        assert_eq!(answer_bytes(whole).unwrap(), Some(whole.len()));
    }

    #[test]
    fn an_error_or_an_answer_without_a_length_ends_the_load() {
        let denied = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";
        assert!(answer_bytes(denied).unwrap_err().to_string().contains("403 Forbidden"));
        assert!(answer_bytes(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }
}
