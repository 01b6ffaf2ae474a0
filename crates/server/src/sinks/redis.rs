//! Redis streams: each leaf is one `XADD`, and a batch is one `MULTI`, so that it arrives whole and
//! in order or not at all (RESP: redis.io/docs/latest/develop/reference/protocol-spec).

pub(super) mod reply;

use std::ops::ControlFlow;
use std::path::PathBuf;

use audit::{Delivery, SinkError};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::sinks::heard::later;
use crate::sinks::line::{Delivered, Line, Protocol};
use crate::sinks::message;
use crate::sinks::place::{Place, Trust, Words};
use crate::sinks::redis::reply::{Reply, reply};
use crate::sinks::settings::{SinkConfigError, read};

/// What addresses look like.
const WORDS: Words = Words { open: ("redis", 6379), sealed: ("rediss", 6379) };
/// A stream in Redis.
#[derive(Deserialize, Debug, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct RedisSettings {
    /// `rediss://host:6379`, or `redis://` of this machine.
    url: String,
    /// The key of the stream.
    stream: String,
    /// The number of the database.
    #[serde(default)]
    database: u32,
    /// A user of Redis's access lists; without one the password is everybody's.
    #[serde(default)]
    user: Option<String>,
    /// The password.
    #[serde(default)]
    secret_file: Option<PathBuf>,
    /// About how many entries the stream keeps; else all.
    #[serde(default)]
    entries_kept: Option<u64>,
}

/// What speaks to Redis.
pub(super) struct Redis {
    place: Place,
    stream: String,
    entries_kept: Option<u64>,
    greeting: Zeroizing<Vec<u8>>,
    /// How many answers the greeting has.
    greeted: usize,
}

impl Redis {
    pub(super) fn new(settings: &RedisSettings, trust: &Trust) -> Result<Self, SinkConfigError> {
        let place = Place::new(&settings.url, WORDS, trust)?;
        let (mut greeting, mut greeted) = (Zeroizing::new(Vec::new()), 1_usize);
        let password = settings.secret_file.as_deref().map(read).transpose()?;
        match (&settings.user, &password) {
            (None, None) => {}
            (Some(_), None) => return Err(SinkConfigError::Idle("user without secret_file")),
            (user, Some(password)) => {
                let mut words: Vec<&[u8]> = vec![b"AUTH"];
                words.extend(user.as_deref().map(str::as_bytes));
                words.push(password.as_bytes());
                command(&mut greeting, &words);
                greeted = greeted.saturating_add(1);
            }
        }
        command(&mut greeting, &[b"SELECT", settings.database.to_string().as_bytes()]);
        let (stream, entries_kept) = (settings.stream.clone(), settings.entries_kept);
        Ok(Self { place, stream, entries_kept, greeting, greeted })
    }

    /// The commands of a batch.
    fn commands(&self, batch: &[Delivery]) -> Vec<u8> {
        let kept = self.entries_kept.map(|kept| kept.to_string());
        let mut bytes = Vec::new();
        command(&mut bytes, &[b"MULTI"]);
        for delivery in batch {
            let index = delivery.index.to_string();
            let leaf = message::leaf_text(delivery);
            let mut words: Vec<&[u8]> = vec![b"XADD", self.stream.as_bytes()];
            if let Some(kept) = &kept {
                words.extend([b"MAXLEN".as_slice(), b"~", kept.as_bytes()]);
            }
            words.extend([b"*".as_slice(), b"index", index.as_bytes()]);
            words.extend([b"id".as_slice(), delivery.id.as_bytes(), b"leaf", &leaf]);
            command(&mut bytes, &words);
        }
        command(&mut bytes, &[b"EXEC"]);
        bytes
    }
}

impl Protocol for Redis {
    type Link = Line;

    async fn dial(&self) -> Result<Line, SinkError> {
        let mut line = self.place.dial().await?;
        greet(&mut line, &self.greeting, self.greeted).await?;
        Ok(line)
    }

    async fn deliver(&self, mut line: Line, batch: &[Delivery]) -> Delivered<Line> {
        // One answer for MULTI, one for each command that waits, and what came of all.
        let mut before = batch.len().saturating_add(1);
        let mut done = 0;
        let hear = |reply: Reply| {
            reply.is_fine()?;
            if before == 0 {
                done = if let Reply::Array(members) = reply { members } else { 0 };
                return Ok(ControlFlow::Break(()));
            }
            before = before.saturating_sub(1);
            Ok(ControlFlow::Continue(()))
        };
        line.exchange(&self.commands(batch), reply, hear).await?;
        if done == batch.len() {
            Ok((Vec::new(), Some(line)))
        } else {
            Err(later("it dropped the transaction"))
        }
    }
}

async fn greet(line: &mut Line, greeting: &[u8], mut answers: usize) -> Result<(), SinkError> {
    let hear = |reply: Reply| {
        reply.is_fine()?;
        answers = answers.saturating_sub(1);
        Ok(if answers == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    };
    line.exchange(greeting, reply, hear).await
}

/// Appends a command: an array of words, each with its length.
fn command(bytes: &mut Vec<u8>, words: &[&[u8]]) {
    bytes.extend_from_slice(format!("*{}\r\n", words.len()).as_bytes());
    for word in words {
        bytes.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        bytes.extend_from_slice(word);
        bytes.extend_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;
    use crate::sinks::samples::leaf;

    fn redis(more: &str) -> Redis {
        let settings = format!("url = \"redis://127.0.0.1\"\nstream = \"s\"\n{more}");
        Redis::new(&toml::from_str(&settings).unwrap(), &Trust::default()).unwrap()
    }

    #[test]
    fn a_batch_is_one_transaction_of_numbered_leaves() {
        let text = String::from_utf8(redis("").commands(&[leaf(7)])).unwrap();
        let words: Vec<&str> = text.split("\r\n").filter(|w| !w.starts_with(['*', '$'])).collect();
        assert_eq!(words[..2], ["MULTI", "XADD"]);
        assert!(text.contains("\r\nindex\r\n$1\r\n7\r\n$2\r\nid\r\n"), "{text}");
        assert!(text.ends_with("*1\r\n$4\r\nEXEC\r\n"));
        let text = String::from_utf8(redis("entries_kept = 9").commands(&[leaf(7)])).unwrap();
        assert!(text.contains("MAXLEN\r\n$1\r\n~\r\n$1\r\n9\r\n"), "{text}");
    }

    async fn played(answers: &'static str) -> Delivered<Line> {
        let (ours, mut theirs) = tokio::io::duplex(1 << 16);
        let server = tokio::spawn(async move {
            theirs.write_all(answers.as_bytes()).await.unwrap();
            let mut heard = Vec::new();
            theirs.read_to_end(&mut heard).await.unwrap();
        });
        let done = redis("").deliver(Line::over(ours), &[leaf(7), leaf(8)]).await;
        server.abort();
        done
    }

    #[tokio::test]
    async fn a_batch_is_taken_when_the_transaction_was_done() {
        let start = "+OK\r\n+QUEUED\r\n+QUEUED\r\n";
        let fine = "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n$3\r\n1-0\r\n$3\r\n1-1\r\n";
        assert!(fine.starts_with(start));
        let (dead, kept) = played(fine).await.unwrap();
        assert!(dead.is_empty() && kept.is_some());
        for bad in [
            "-NOAUTH who are you\r\n",
            "+OK\r\n-OOM full\r\n+QUEUED\r\n-EXECABORT\r\n",
            "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n-WRONGTYPE\r\n-WRONGTYPE\r\n",
            "+OK\r\n+QUEUED\r\n+QUEUED\r\n*-1\r\n",
        ] {
            assert!(matches!(played(bad).await, Err(SinkError::Later { .. })), "{bad}");
        }
    }
}
