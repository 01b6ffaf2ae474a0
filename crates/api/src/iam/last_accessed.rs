//! When the services that an entity may use were last used: jobs that read the record.
//!
//! As on AWS, a job is begun, asked after and forgotten: it lives in memory for a week, belongs to
//! the account that began it, and tells every request, refused ones too (IAM user guide, "Refine
//! permissions using last accessed information"). What is told was true when the job ran.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use audit::entry::Opened;
use audit::{Between, Filter, Journal, JournalError, Permit};
use identity::ops::{self, Page, PageRequest};
use identity::{EntityKind, IdentityError, Survey, Surveyed};
use names::{AccountId, Timestamp};
use tokio::sync::Semaphore;
use wire::{QueryOutput, iam};

use super::{Parsed, arn, int, page, prepared};
use crate::exchange::{Act, Answer, Exchange};
use crate::{Response, Services};

/// How long a job may be asked after, in seconds: a week, as on AWS.
const JOB_SECONDS: i64 = 7 * 86_400;
/// How far back uses are told, in seconds: 400 days, as on AWS.
const TRACKED_SECONDS: i64 = 400 * 86_400;
/// Most jobs of an account; the oldest makes room.
const JOBS_MAX: usize = 100;
/// Most jobs that read the record at the same time.
const SCANS_MAX: usize = 1;

/// The jobs of this process, by account and id.
pub struct LastAccessed {
    jobs: Mutex<BTreeMap<AccountId, Vec<Arc<Job>>>>,
    scans: Arc<Semaphore>,
}

impl Default for LastAccessed {
    fn default() -> Self {
        Self { jobs: Mutex::default(), scans: Arc::new(Semaphore::new(SCANS_MAX)) }
    }
}

/// One job.
struct Job {
    survey: Survey,
    granularity: Granularity,
    created: Timestamp,
    found: Mutex<Option<(Timestamp, Found)>>,
}

/// What came of a job.
type Found = Result<Uses, String>;

/// When an entity last asked for an action: by its unique id, by the action.
type Uses = HashMap<String, BTreeMap<String, Timestamp>>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Granularity {
    Service,
    Action,
}

impl LastAccessed {
    fn add(&self, account: AccountId, job: Arc<Job>) {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let own = jobs.entry(account).or_default();
        own.retain(|old| !old.is_old(job.created));
        let over = own.len().saturating_add(1).saturating_sub(JOBS_MAX);
        own.drain(..over);
        own.push(job);
    }

    fn job(&self, account: AccountId, id: &str, now: Timestamp) -> Parsed<Arc<Job>> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let mut own = jobs.get(&account).into_iter().flatten();
        let found = own.find(|job| job.survey.job == id && !job.is_old(now));
        let missing = || IdentityError::NoSuchEntity { kind: EntityKind::Job, name: id.to_owned() };
        Ok(found.cloned().ok_or_else(missing)?)
    }
}

/// `GenerateServiceLastAccessedDetails`
pub(crate) async fn generate(x: Exchange) -> Response {
    let mut granularity = Granularity::Service;
    let op = x.form_message().and_then(|m: iam::GenerateServiceLastAccessedDetailsRequest| {
        if m.granularity.as_deref() == Some("ACTION_LEVEL") {
            granularity = Granularity::Action;
        }
        let (account, entity) = (x.own_account()?, arn(&m.arn)?);
        Ok(ops::GenerateServiceLastAccessedDetails { account, entity })
    });
    x.through(op.map(prepared), async move |act: Act, permit: Permit<_>| {
        let op: &ops::GenerateServiceLastAccessedDetails = permit.op();
        let account = op.account;
        let survey = act.services.identity.perform(permit).await?;
        let job_id = Some(survey.job.clone());
        let found = Mutex::default();
        let job = Arc::new(Job { survey, granularity, created: act.now, found });
        act.services.last_accessed.add(account, Arc::clone(&job));
        tokio::spawn(run(Arc::clone(&act.services), job));
        let told = iam::GenerateServiceLastAccessedDetailsResponse { job_id };
        Ok(Answer::from(told.to_response(&act.request_id)))
    })
    .await
}

/// Does a job. Dropped midway (the server stops), the job is forgotten with the process.
async fn run(services: Arc<Services>, job: Arc<Job>) {
    let Ok(_turn) = Arc::clone(&services.last_accessed.scans).acquire_owned().await else { return };
    let journal = Arc::clone(&services.journal);
    let flushed = journal.flush().await;
    let ids: BTreeSet<String> = job.survey.entities.iter().map(|one| one.id.to_string()).collect();
    let from = job.created.plus_seconds(-TRACKED_SECONDS);
    let read = tokio::task::spawn_blocking(move || {
        flushed.and_then(|()| scan(&journal, ids, from)).map_err(|error| {
            tracing::error!(%error, "the journal cannot be read");
            error.to_string()
        })
    });
    let found = read.await.unwrap_or_else(|_| Err("the record was not read to its end".to_owned()));
    let done = (services.clock.now(), found);
    *job.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
}

/// The last uses by some entities, back to a time.
fn scan(journal: &Journal, ids: BTreeSet<String>, from: Timestamp) -> Result<Uses, JournalError> {
    let mut uses = Uses::new();
    // Nobody is asked about: to a filter that would be everybody.
    if ids.is_empty() {
        return Ok(uses);
    }
    let filter = Filter { any_of: ids, from: Some(from), ..Filter::default() };
    journal.reader()?.each(&filter, Between::default(), |entry| {
        note(&mut uses, &entry.opened);
        ControlFlow::Continue(())
    })?;
    Ok(uses)
}

/// Notes what an entry asked for.
fn note(uses: &mut Uses, opened: &Opened) {
    let Some(principal) = &opened.principal else { return };
    let id = principal.id.split(':').next().unwrap_or_default();
    let own = uses.entry(id.to_owned()).or_default();
    let mut note = |action: &str| {
        let last = own.entry(action.to_owned()).or_insert(opened.time);
        *last = opened.time.max(*last);
    };
    opened.checks.iter().for_each(|check| note(check.action.as_str()));
    // What is asked of nobody's policies: operations of STS that everybody may do.
    if opened.checks.is_empty()
        && let Some(row) = policy::actions::find(&format!("sts:{}", opened.operation))
    {
        note(row.name());
    }
}

/// `GetServiceLastAccessedDetails`
pub(crate) async fn details(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::GetServiceLastAccessedDetailsRequest| {
        let (account, page) = (x.own_account()?, page(m.marker, m.max_items)?);
        Ok(ops::GetServiceLastAccessedDetails { account, job: m.job_id, page })
    });
    x.through(op.map(prepared), async move |act: Act, permit: Permit<_>| {
        let op: ops::GetServiceLastAccessedDetails = permit.op().clone();
        act.services.identity.perform(permit).await?;
        let job = act.services.last_accessed.job(op.account, &op.job, act.now)?;
        let told = job.details(&op.page, act.services.settings.region.as_deref());
        Ok(Answer::from(told.to_response(&act.request_id)))
    })
    .await
}

/// `GetServiceLastAccessedDetailsWithEntities`
pub(crate) async fn entities(x: Exchange) -> Response {
    let op =
        x.form_message().and_then(|m: iam::GetServiceLastAccessedDetailsWithEntitiesRequest| {
            Ok(ops::GetServiceLastAccessedDetailsWithEntities {
                account: x.own_account()?,
                job: m.job_id,
                service: m.service_namespace,
                page: page(m.marker, m.max_items)?,
            })
        });
    x.through(op.map(prepared), async move |act: Act, permit: Permit<_>| {
        let op: ops::GetServiceLastAccessedDetailsWithEntities = permit.op().clone();
        act.services.identity.perform(permit).await?;
        let job = act.services.last_accessed.job(op.account, &op.job, act.now)?;
        Ok(Answer::from(job.entities(&op.service, &op.page).to_response(&act.request_id)))
    })
    .await
}

impl Job {
    fn is_old(&self, now: Timestamp) -> bool {
        now.seconds().saturating_sub(self.created.seconds()) >= JOB_SECONDS
    }

    /// The state in AWS's words, when it was reached, the uses, and the error.
    fn standing(&self) -> (&'static str, Timestamp, Uses, Option<iam::ErrorDetails>) {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        match found.as_ref() {
            None => ("IN_PROGRESS", self.created, Uses::new(), None),
            Some((at, Ok(uses))) => ("COMPLETED", *at, uses.clone(), None),
            Some((at, Err(message))) => {
                let error = iam::ErrorDetails {
                    code: "ServiceFailure".to_owned(),
                    message: message.clone(),
                };
                ("FAILED", *at, Uses::new(), Some(error))
            }
        }
    }

    fn details(
        &self,
        page: &PageRequest,
        region: Option<&str>,
    ) -> iam::GetServiceLastAccessedDetailsResponse {
        let (status, completed, uses, error) = self.standing();
        let services = self.survey.services.iter().filter(|_| status == "COMPLETED");
        let page = Page::cut(page, services, |(service, _)| (**service).to_owned());
        let told = page.items.iter().map(|(service, actions)| {
            let granted = (self.granularity == Granularity::Action).then_some(*actions);
            self.service(service, granted, (&uses, region))
        });
        iam::GetServiceLastAccessedDetailsResponse {
            services_last_accessed: told.collect(),
            error,
            is_truncated: Some(page.next.is_some()),
            marker: page.next,
            job_completion_date: completed,
            job_creation_date: self.created,
            job_status: status.to_owned(),
            job_type: Some(match self.granularity {
                Granularity::Service => "SERVICE_LEVEL".to_owned(),
                Granularity::Action => "ACTION_LEVEL".to_owned(),
            }),
        }
    }

    fn service(
        &self,
        service: &str,
        granted: Option<&BTreeSet<&'static str>>,
        (uses, region): (&Uses, Option<&str>),
    ) -> iam::ServiceLastAccessed {
        let of_service = |action: &str| belongs(action, service);
        let users = self.last(uses, of_service);
        let last = users.iter().max_by_key(|(_, time)| *time);
        let action = |action: &&'static str| {
            let users = self.last(uses, |name| name == format!("{service}:{action}"));
            let last = users.into_iter().max_by_key(|(_, time)| *time);
            iam::TrackedActionLastAccessed {
                action_name: Some((*action).to_owned()),
                last_accessed_entity: last.map(|(entity, _)| entity.arn.to_string()),
                last_accessed_region: last.and(region).map(str::to_owned),
                last_accessed_time: last.map(|(_, time)| time),
            }
        };
        iam::ServiceLastAccessed {
            last_authenticated: last.map(|(_, time)| *time),
            last_authenticated_entity: last.map(|(entity, _)| entity.arn.to_string()),
            last_authenticated_region: last.and(region).map(str::to_owned),
            service_name: title(service).to_owned(),
            service_namespace: service.to_owned(),
            total_authenticated_entities: Some(int(users.len())),
            tracked_actions_last_accessed: granted.map(|all| all.iter().map(action).collect()),
        }
    }

    /// Who used some of the actions, and when last.
    fn last<'a>(
        &'a self,
        uses: &Uses,
        wanted: impl Fn(&str) -> bool,
    ) -> Vec<(&'a Surveyed, Timestamp)> {
        let last = |entity: &'a Surveyed| {
            let own = uses.get(entity.id.as_str())?.iter();
            let last = own.filter(|(action, _)| wanted(action)).map(|(_, time)| *time).max()?;
            Some((entity, last))
        };
        self.survey.entities.iter().filter_map(last).collect()
    }

    fn entities(
        &self,
        service: &str,
        page: &PageRequest,
    ) -> iam::GetServiceLastAccessedDetailsWithEntitiesResponse {
        let (status, completed, uses, error) = self.standing();
        let granted = self.survey.services.contains_key(service) && status == "COMPLETED";
        let entities = self.survey.entities.iter().filter(|_| granted);
        let page = Page::cut(page, entities, |entity| entity.id.to_string());
        let told = page.items.iter().map(|entity| {
            let own = uses.get(entity.id.as_str()).into_iter().flatten();
            let own = own.filter(|(action, _)| belongs(action, service)).map(|(_, time)| *time);
            iam::EntityDetails { entity_info: info(entity), last_authenticated: own.max() }
        });
        iam::GetServiceLastAccessedDetailsWithEntitiesResponse {
            entity_details_list: told.collect(),
            error,
            is_truncated: Some(page.next.is_some()),
            marker: page.next,
            job_completion_date: completed,
            job_creation_date: self.created,
            job_status: status.to_owned(),
        }
    }
}

/// Whether an action is one of a service.
fn belongs(action: &str, service: &str) -> bool {
    action.split_once(':').is_some_and(|(own, _)| own.eq_ignore_ascii_case(service))
}

fn info(entity: &Surveyed) -> iam::EntityInfo {
    iam::EntityInfo {
        arn: entity.arn.to_string(),
        id: entity.id.to_string(),
        name: entity.name.clone(),
        path: Some(entity.path.clone()),
        type_: entity.kind.to_owned(),
    }
}

/// What a service is called (AWS Service Authorization Reference, the titles of its pages).
fn title(service: &str) -> &str {
    match service {
        "access-analyzer" => "AWS IAM Access Analyzer",
        "iam" => "AWS Identity and Access Management",
        "organizations" => "AWS Organizations",
        "s3" => "Amazon S3",
        "strongroom" => "Strongroom",
        "sts" => "AWS Security Token Service",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = "AIDAAAAAAAAAAAAAAAAAA";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn job(granularity: Granularity, found: Option<Found>) -> Job {
        let entity = Surveyed {
            id: USER.parse().unwrap(),
            arn: "arn:aws:iam::111122223333:user/ana".parse().unwrap(),
            name: "ana".to_owned(),
            kind: "USER",
            path: "/".to_owned(),
        };
        let services = BTreeMap::from([
            ("iam", BTreeSet::from(["GetUser"])),
            ("s3", BTreeSet::from(["GetObject", "PutObject"])),
        ]);
        let survey = Survey { job: "j".to_owned(), entities: vec![entity], services };
        let (created, done) = (at("2026-01-02T00:00:00Z"), at("2026-01-02T00:00:01Z"));
        let found = Mutex::new(found.map(|found| (done, found)));
        Job { survey, granularity, created, found }
    }

    fn used(action: &str, when: &str) -> Option<Found> {
        let own = BTreeMap::from([(action.to_owned(), at(when))]);
        Some(Ok(Uses::from([(USER.to_owned(), own)])))
    }

    #[test]
    fn a_service_tells_its_last_use_and_one_that_was_not_used_tells_none() {
        let when = "2026-01-01T12:00:00Z";
        let job = job(Granularity::Service, used("s3:GetObject", when));
        let told = job.details(&PageRequest::default(), Some("eu-1"));
        assert_eq!((told.job_status.as_str(), told.is_truncated), ("COMPLETED", Some(false)));
        let [iam, s3] = told.services_last_accessed.as_slice() else { panic!("two services") };
        assert_eq!((iam.last_authenticated, iam.total_authenticated_entities), (None, Some(0)));
        assert_eq!(iam.last_authenticated_region, None);
        assert_eq!(
            (s3.last_authenticated, s3.total_authenticated_entities),
            (Some(at(when)), Some(1))
        );
        assert_eq!(s3.last_authenticated_region.as_deref(), Some("eu-1"));
        assert_eq!(s3.tracked_actions_last_accessed, None);
        let entities = job.entities("s3", &PageRequest::default()).entity_details_list;
        assert_eq!(
            entities.iter().map(|one| one.last_authenticated).collect::<Vec<_>>(),
            [Some(at(when))]
        );
        assert!(job.entities("sts", &PageRequest::default()).entity_details_list.is_empty());
    }

    #[test]
    fn actions_are_told_one_by_one_where_that_was_asked_for() {
        let when = "2026-01-01T12:00:00Z";
        let job = job(Granularity::Action, used("s3:PutObject", when));
        let told = job.details(&PageRequest::new(Some("iam".into()), None).unwrap(), None);
        let [s3] = told.services_last_accessed.as_slice() else { panic!("one service") };
        let actions = s3.tracked_actions_last_accessed.as_ref().unwrap();
        let seen: Vec<_> = actions
            .iter()
            .map(|one| (one.action_name.as_deref().unwrap(), one.last_accessed_time))
            .collect();
        assert_eq!(seen, [("GetObject", None), ("PutObject", Some(at(when)))]);
    }

    #[test]
    fn a_job_that_runs_or_failed_tells_so_and_no_services() {
        let told = job(Granularity::Service, None).details(&PageRequest::default(), None);
        assert_eq!(told.job_status, "IN_PROGRESS");
        assert!(told.services_last_accessed.is_empty() && told.error.is_none());
        let failed = job(Granularity::Service, Some(Err("no disk".to_owned())));
        let told = failed.details(&PageRequest::default(), None);
        assert_eq!(
            (told.job_status.as_str(), told.error.unwrap().message.as_str()),
            ("FAILED", "no disk")
        );
    }

    #[test]
    fn a_job_is_found_by_its_account_for_a_week_and_by_no_other() {
        let (own, other) = ("111122223333".parse().unwrap(), "444455556666".parse().unwrap());
        let jobs = LastAccessed::default();
        jobs.add(own, Arc::new(job(Granularity::Service, None)));
        let now = at("2026-01-08T23:59:59Z");
        assert!(jobs.job(own, "j", now).is_ok());
        assert_eq!(jobs.job(own, "k", now).err().unwrap().code, "NoSuchEntity");
        assert_eq!(jobs.job(other, "j", now).err().unwrap().code, "NoSuchEntity");
        assert!(jobs.job(own, "j", at("2026-01-09T00:00:00Z")).is_err());
    }

    #[test]
    fn an_account_keeps_its_last_jobs_up_to_the_limit_and_none_past_it() {
        let own = "111122223333".parse().unwrap();
        let jobs = LastAccessed::default();
        let first = Job {
            survey: Survey { job: "first".into(), ..job(Granularity::Service, None).survey },
            ..job(Granularity::Service, None)
        };
        jobs.add(own, Arc::new(first));
        for _ in 1..JOBS_MAX {
            jobs.add(own, Arc::new(job(Granularity::Service, None)));
        }
        let now = at("2026-01-02T00:00:00Z");
        assert!(jobs.job(own, "first", now).is_ok());
        jobs.add(own, Arc::new(job(Granularity::Service, None)));
        assert!(jobs.job(own, "first", now).is_err());
    }
}
