//! Rights change while others read: no valid credential is ever refused, a change of a policy
//! governs the next request, and what was revoked is over when the revocation is acknowledged.
//!
//! `writers` change the authorization state as fast as it lets them, each what is its own, while
//! readers whose rights nobody touches read without a pause: all that they are told is 200. Every
//! so many changes a writer turns its own user's right to read off or on, and that user asks for an
//! object as soon as the change is acknowledged: the answer is what the policy now says. Then
//! sessions are revoked, while their holders go on asking.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, StatusCode};

use crate::Failure;
use crate::client::{Caller, Connection, Prepared, element};
use crate::house::{Mode, ROOT_KEY, ROOT_SECRET, Running, Scratch, start_with};
use crate::load::say;
use crate::process::cpu_micros;
use crate::spread::{digits, float, quantile};
use crate::world::{BUCKET, World};

/// Who reads while others write.
const READERS: usize = 16;
/// Who writes.
const WRITERS: usize = 8;
/// After how many of its changes a writer looks whether one governs.
const GOVERNS_EVERY: u64 = 10;
/// Holders that go on asking with each session that is revoked.
const HOLDERS: usize = 2;
/// How many sessions are revoked before they count, so that nothing is done for the first time.
const REVOCATIONS_BEFORE: usize = 20;
/// Requests with a session after its revocation was acknowledged.
const AFTER: usize = 3;
/// That reads are recorded is on disk within a second, as by default; writes are before the answer.
const READS: &[(&str, &str)] = &[("STRONGROOM_AUDIT_READS", "available")];
/// How long a signed request is used before it is signed anew.
const SIGNED: Duration = Duration::from_secs(240);

/// What is to be done.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    /// Changes of the authorization state.
    pub(crate) writes: u64,
    /// Sessions that are revoked.
    pub(crate) revocations: usize,
}

/// What came of the changes.
#[derive(Default)]
struct Counts {
    writes: AtomicU64,
    reads: AtomicU64,
    refused: AtomicU64,
    governed: AtomicU64,
    ungoverned: AtomicU64,
}

impl Counts {
    fn add(counter: &AtomicU64) -> u64 {
        counter.fetch_add(1, Ordering::Relaxed)
    }
}

/// How long revocations took, and what was accepted after them.
pub(crate) struct Revoked {
    /// From the call to its acknowledgement, in microseconds.
    micros: Vec<u64>,
    /// Requests that began after the acknowledgement.
    asked_after: u64,
    /// Those of them that were answered as if nothing had been revoked.
    accepted_after: u64,
    /// Requests of the holders before it.
    before: u64,
}

impl Revoked {
    /// The quantile, in milliseconds.
    pub(crate) fn millis(&self, thousandths: usize) -> f64 {
        float(quantile(&mut self.micros.clone(), thousandths)) / 1e3
    }

    /// Whether nothing was accepted after an acknowledgement.
    pub(crate) fn over(&self) -> bool {
        self.accepted_after == 0
    }

    /// As the report says it.
    pub(crate) fn said(&self) -> String {
        format!(
            "p50 {} ms, p99 {} ms from the call to the acknowledgement ({} sessions); {} of {} \
             requests that began after it were accepted",
            digits(self.millis(500)),
            digits(self.millis(990)),
            self.micros.len(),
            self.accepted_after,
            self.asked_after
        )
    }
}

/// Both, with writes that are on disk before their answer; prints one line for each, and fails if
/// what must not happen does.
pub(crate) async fn measure(binary: &Path, scratch: &Scratch, plan: Plan) -> Result<(), Failure> {
    let server = start_with(binary, &scratch.join("beside"), Mode::Strict, READS)?;
    let world = World::make(&server).await?;
    world.put("read", Bytes::from_static(b"content")).await?;
    let written = changes(&server, &world, plan.writes).await?;
    println!("beside: {written}");
    let revoked = revoke(&server, &world, plan.revocations).await?;
    println!("revoke: {}; the holders had asked {} times before", revoked.said(), revoked.before);
    if !revoked.over() {
        return Err("a session was accepted after its revocation was acknowledged".into());
    }
    server.stop()
}

/// Changes rights while others read.
async fn changes(server: &Running, world: &World, writes: u64) -> Result<String, Failure> {
    say(&format!("{writes} changes of rights beside {READERS} readers"));
    let counts = Arc::new(Counts::default());
    let root = Caller::new(server.address, ROOT_KEY, ROOT_SECRET)?;
    let (cpu, began) = (cpu_micros(server.pid())?, Instant::now());
    let readers: Vec<_> = (0..READERS)
        .map(|_| {
            let (caller, counts) = (world.caller.clone(), Arc::clone(&counts));
            tokio::spawn(async move { read(&caller, &counts, writes).await })
        })
        .collect();
    let writers: Vec<_> = (0..WRITERS)
        .map(|number| {
            let writer = Writer { root: root.clone(), number, counts: Arc::clone(&counts) };
            tokio::spawn(async move { writer.work(writes).await })
        })
        .collect();
    let mut latencies = Vec::new();
    for writer in writers {
        latencies.extend(writer.await??);
    }
    for reader in readers {
        reader.await??;
    }
    let seconds = began.elapsed().as_secs_f64();
    let cpu = float(cpu_micros(server.pid())?.saturating_sub(cpu)) / 1e6;
    let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let (refused, ungoverned) = (of(&counts.refused), of(&counts.ungoverned));
    let told = format!(
        "{} changes of rights by {WRITERS} writers, p50 {} ms and p99 {} ms, beside {} reads by \
         {READERS} clients, of which {refused} were refused; {} changes were asked about at once, \
         and {ungoverned} did not govern the next request; {} s, {} s of the server's processor",
        latencies.len(),
        digits(float(quantile(&mut latencies, 500)) / 1e3),
        digits(float(quantile(&mut latencies, 990)) / 1e3),
        of(&counts.reads),
        of(&counts.governed).saturating_add(ungoverned),
        digits(seconds),
        digits(cpu),
    );
    if refused == 0 && ungoverned == 0 { Ok(told) } else { Err(told.into()) }
}

/// Reads until all changes are made; what is not 200 is counted.
async fn read(caller: &Caller, counts: &Counts, writes: u64) -> Result<(), Failure> {
    let mut connection = caller.connect().await?;
    let mut request = (Instant::now(), caller.get(&format!("/{BUCKET}/read"))?);
    while counts.writes.load(Ordering::Relaxed) < writes {
        if request.0.elapsed() > SIGNED {
            request = (Instant::now(), caller.get(&format!("/{BUCKET}/read"))?);
        }
        if connection.status(&request.1).await? == StatusCode::OK {
            Counts::add(&counts.reads);
        } else {
            Counts::add(&counts.refused);
        }
    }
    Ok(())
}

/// Who changes rights, and whose.
struct Writer {
    root: Caller,
    number: usize,
    counts: Arc<Counts>,
}

/// Whether a user may read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Right {
    Given,
    Taken,
}

impl Writer {
    /// Makes changes until there are enough of all writers together; how long each took.
    async fn work(&self, writes: u64) -> Result<Vec<u64>, Failure> {
        let (user, group) = (format!("w{}", self.number), format!("g{}", self.number));
        let mut connection = self.root.connect().await?;
        self.iam(&mut connection, "CreateUser", &[("UserName", &user)]).await?;
        self.iam(&mut connection, "CreateGroup", &[("GroupName", &group)]).await?;
        let key = self.root.query("iam", &fields("CreateAccessKey", &[("UserName", &user)]))?;
        let key = self.root.once(&key).await?;
        let own = Caller::new(
            self.root.address(),
            element(&key, "AccessKeyId")?,
            element(&key, "SecretAccessKey")?,
        )?;
        let mut asks = own.connect().await?;
        let (mut latencies, mut right) = (Vec::new(), Right::Taken);
        while Counts::add(&self.counts.writes) < writes {
            let turn = u64::try_from(latencies.len())?;
            let began = Instant::now();
            if turn.is_multiple_of(GOVERNS_EVERY) {
                right = self.turn(&mut connection, &user, right).await?;
            } else {
                self.change(&mut connection, turn, &user, &group).await?;
            }
            latencies.push(u64::try_from(began.elapsed().as_micros())?);
            if turn.is_multiple_of(GOVERNS_EVERY) {
                self.governs(&mut asks, &own, right).await?;
            }
        }
        Ok(latencies)
    }

    async fn iam(
        &self,
        connection: &mut Connection,
        action: &str,
        members: &[(&str, &str)],
    ) -> Result<(), Failure> {
        let request = self.root.query("iam", &fields(action, members))?;
        match connection.status(&request).await? {
            StatusCode::OK => Ok(()),
            other => Err(format!("{action} was answered {other}").into()),
        }
    }

    /// Gives the user the right to read, or takes it.
    async fn turn(
        &self,
        connection: &mut Connection,
        user: &str,
        right: Right,
    ) -> Result<Right, Failure> {
        let own = [("UserName", user), ("PolicyName", "read")];
        match right {
            Right::Given => {
                self.iam(connection, "DeleteUserPolicy", &own).await?;
                Ok(Right::Taken)
            }
            Right::Taken => {
                let text = format!(
                    r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",
                        "Action":"s3:GetObject","Resource":"arn:aws:s3:::{BUCKET}/*"}}}}"#
                );
                let all = [&own[..], &[("PolicyDocument", text.as_str())]].concat();
                self.iam(connection, "PutUserPolicy", &all).await?;
                Ok(Right::Given)
            }
        }
    }

    /// Asks as the user at once: the answer is what the policy says now.
    async fn governs(
        &self,
        asks: &mut Connection,
        own: &Caller,
        right: Right,
    ) -> Result<(), Failure> {
        let status = asks.status(&own.get(&format!("/{BUCKET}/read"))?).await?;
        let expected = if right == Right::Given { StatusCode::OK } else { StatusCode::FORBIDDEN };
        let counts = &self.counts;
        let counter = if status == expected { &counts.governed } else { &counts.ungoverned };
        Counts::add(counter);
        Ok(())
    }

    /// Some other change of what this writer owns.
    async fn change(
        &self,
        connection: &mut Connection,
        turn: u64,
        user: &str,
        group: &str,
    ) -> Result<(), Failure> {
        let value = turn.to_string();
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",
                "Action":"s3:GetObject","Resource":"arn:aws:s3:::other/{turn}"}}}}"#
        );
        let of_group = [("GroupName", group), ("UserName", user)];
        match turn % GOVERNS_EVERY {
            1 | 5 => self.iam(connection, "AddUserToGroup", &of_group).await,
            3 | 7 => self.iam(connection, "RemoveUserFromGroup", &of_group).await,
            2 | 6 => {
                let tag = [("Tags.member.1.Key", "turn"), ("Tags.member.1.Value", value.as_str())];
                let all = [&[("UserName", user)][..], &tag[..]].concat();
                self.iam(connection, "TagUser", &all).await
            }
            _ => {
                let own = [("GroupName", group), ("PolicyName", "own")];
                let all = [&own[..], &[("PolicyDocument", policy.as_str())]].concat();
                self.iam(connection, "PutGroupPolicy", &all).await
            }
        }
    }
}

/// The members of a request, with what each has.
fn fields<'a>(action: &'a str, members: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[("Action", action), ("Version", "2010-05-08")][..], members].concat()
}

/// Revokes sessions one after the other, while their holders ask.
pub(crate) async fn revoke(
    server: &Running,
    world: &World,
    revocations: usize,
) -> Result<Revoked, Failure> {
    say(&format!("{revocations} revocations beside the holders of each session"));
    let root = Caller::new(server.address, ROOT_KEY, ROOT_SECRET)?;
    let mut admin = root.connect().await?;
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",
            "Action":"s3:GetObject","Resource":"arn:aws:s3:::{BUCKET}/*"}}}}"#
    );
    let own = [("RoleName", "bench"), ("PolicyName", "read"), ("PolicyDocument", text.as_str())];
    root.once(&root.query("iam", &fields("PutRolePolicy", &own))?).await?;
    let mut all = Revoked { micros: Vec::new(), asked_after: 0, accepted_after: 0, before: 0 };
    for number in 0..revocations.saturating_add(REVOCATIONS_BEFORE) {
        let (id, session) = session(world).await?;
        let acknowledged = Arc::new(AtomicU64::new(0));
        let mut holders = Vec::new();
        for _ in 0..HOLDERS {
            let (session, acknowledged) = (session.clone(), Arc::clone(&acknowledged));
            holders.push(tokio::spawn(async move { ask_on(&session, &acknowledged).await }));
        }
        // Until each of them has been let in once, nothing is shown.
        let mut own = session.connect().await?;
        let status = own.status(&holds(&session)?).await?;
        if status != StatusCode::OK {
            return Err(format!("a session that lives was answered {status}").into());
        }
        let body = Bytes::from(format!(r#"{{"session":"{id}"}}"#));
        let request = root.native(Method::POST, "/-/v1/sessions/revoke", &body)?;
        let began = Instant::now();
        let status = admin.status(&request).await?;
        let micros = u64::try_from(began.elapsed().as_micros())?;
        acknowledged.store(1, Ordering::SeqCst);
        if status != StatusCode::OK {
            return Err(format!("a revocation was answered {status}").into());
        }
        if number >= REVOCATIONS_BEFORE {
            all.micros.push(micros);
        }
        for holder in holders {
            let (before, after, accepted) = holder.await??;
            all.before = all.before.saturating_add(before);
            all.asked_after = all.asked_after.saturating_add(after);
            all.accepted_after = all.accepted_after.saturating_add(accepted);
        }
    }
    Ok(all)
}

fn holds(session: &Caller) -> Result<Prepared, Failure> {
    session.get(&format!("/{BUCKET}/read"))
}

/// Asks without a pause; after the acknowledgement a few times more. How often before it, how often
/// after it, and how often it was let in after it. A request that the revocation cuts is no answer;
/// the next one is asked on a new connection.
async fn ask_on(session: &Caller, acknowledged: &AtomicU64) -> Result<(u64, u64, u64), Failure> {
    let (mut before, mut after, mut accepted) = (0_u64, 0_u64, 0_u64);
    let (mut connection, request) = (session.connect().await?, holds(session)?);
    for _ in 0..AFTER {
        loop {
            let over = acknowledged.load(Ordering::SeqCst) == 1;
            let status = connection.status(&request).await;
            if over {
                after = after.saturating_add(1);
                let let_in = status.as_ref().is_ok_and(StatusCode::is_success);
                accepted = accepted.saturating_add(u64::from(let_in));
            } else {
                before = before.saturating_add(1);
            }
            if status.is_err() {
                connection = session.connect().await?;
            }
            if over {
                break;
            }
        }
    }
    Ok((before, after, accepted))
}

/// A session of the role, whose policy lets it read; its key's id.
async fn session(world: &World) -> Result<(String, Caller), Failure> {
    let assume = [
        ("Action", "AssumeRole"),
        ("Version", "2011-06-15"),
        ("RoleArn", world.role.as_str()),
        ("RoleSessionName", "beside"),
    ];
    let answer = world.caller.once(&world.caller.query("sts", &assume)?).await?;
    let id = element(&answer, "AccessKeyId")?.to_owned();
    let (secret, token) =
        (element(&answer, "SecretAccessKey")?, element(&answer, "SessionToken")?.to_owned());
    let caller = Caller::new(world.caller.address(), &id, secret)?.with_token(token);
    Ok((id, caller))
}
