//! The crash campaign: a seeded workload on a [`FaultyDisk`], a fault at a seeded step, a power
//! loss, and a check that everything acknowledged is there and nothing is there in part.
//!
//! ```text
//! dry run: count the steps → life: work until the fault → crash → open → check → work on → …
//! ```

mod model;
mod work;

use std::sync::Arc;
use std::thread;

use crate::contract::Ports;
use crate::disk::{Fault, FaultyDisk};
use crate::random::SeededRandom;
use crate::violation::{During, Violation, must};
use model::Model;

/// How a store is opened on a simulated disk.
pub type Opener = dyn Fn(&FaultyDisk) -> Result<Ports, Violation> + Send + Sync;

/// Paths about whose syncing the disk lies; see [`FaultyDisk::skip_syncs`].
pub type Lie = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// Rounds of work in one life.
const ROUNDS: u32 = 24;
/// Lives after the first: crashes of what was recovered from a crash.
const LIVES: u64 = 2;

/// One campaign: many seeded lives of one kind of store.
#[derive(Clone)]
pub struct Campaign {
    open: Arc<Opener>,
    lie: Option<Lie>,
}

impl Campaign {
    /// A campaign on an honest disk.
    #[must_use]
    pub fn new(open: Arc<Opener>) -> Self {
        Self { open, lie: None }
    }

    /// The same on a disk that lies about some syncs: it must find a violation.
    #[must_use]
    pub fn lying(mut self, lie: Lie) -> Self {
        self.lie = Some(lie);
        self
    }

    /// Lives one life for each seed, with a fault at a seeded step.
    ///
    /// # Errors
    /// The first violation, with its seed, so that it can be lived again.
    pub fn run(&self, seeds: impl Iterator<Item = u64>, fault: Fault) -> Result<(), Violation> {
        let steps = self.steps()?;
        for seed in seeds {
            let step = SeededRandom::new(seed ^ 0x57e9).below(steps);
            self.isolated(move |campaign| campaign.life(seed, step, fault))
                .during(format!("seed {seed}, {fault:?} at step {step} of {steps}"))?;
        }
        Ok(())
    }

    /// How many steps a life without faults takes.
    fn steps(&self) -> Result<u64, Violation> {
        self.isolated(|campaign| {
            let disk = campaign.disk();
            campaign.work_on(&disk, &mut Model::default(), &SeededRandom::new(0))?;
            must(disk.steps() > 100, "a life has many steps")?;
            Ok(disk.steps())
        })
    }

    fn disk(&self) -> FaultyDisk {
        let disk = FaultyDisk::new();
        if let Some(lie) = self.lie.clone() {
            disk.skip_syncs(move |path| lie(path));
        }
        disk
    }

    fn life(&self, seed: u64, step: u64, fault: Fault) -> Result<(), Violation> {
        let random = SeededRandom::new(seed);
        let mut model = Model::default();
        let mut disk = self.disk();
        disk.fail_at(step, fault);
        // Whatever is answered while the disk fails is in the model; only the check judges.
        let _failed = self.work_on(&disk, &mut model, &random);
        for life in 0..LIVES {
            disk = disk.crash(random.next());
            if let Some(lie) = self.lie.clone() {
                disk.skip_syncs(move |path| lie(path));
            }
            self.check_on(&disk, &mut model).during(format!("after crash {life}"))?;
            disk.fail_at(disk.steps().saturating_add(random.below(200)), Fault::PowerCut);
            let _failed = self.work_on(&disk, &mut model, &random);
        }
        let disk = disk.crash(random.next());
        self.check_on(&disk, &mut model).during("after the last crash")?;
        self.work_on(&disk, &mut model, &random).during("working on what was recovered")?;
        self.check_on(&disk, &mut model).during("after working on what was recovered")
    }

    fn work_on(
        &self,
        disk: &FaultyDisk,
        model: &mut Model,
        random: &SeededRandom,
    ) -> Result<(), Violation> {
        self.on_runtime(async {
            let ports = (self.open)(disk)?;
            for _ in 0..ROUNDS {
                work::round(&ports, model, random).await?;
            }
            Ok(())
        })
    }

    fn check_on(&self, disk: &FaultyDisk, model: &mut Model) -> Result<(), Violation> {
        self.on_runtime(async {
            let ports = (self.open)(disk).during("opening")?;
            model.check(&ports).await
        })
    }

    fn on_runtime(
        &self,
        work: impl Future<Output = Result<(), Violation>>,
    ) -> Result<(), Violation> {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.during("starting a runtime")?.block_on(work)
    }

    /// A panic of the store is a violation like any other.
    fn isolated<T: Send + 'static>(
        &self,
        live: impl FnOnce(&Self) -> Result<T, Violation> + Send + 'static,
    ) -> Result<T, Violation> {
        let campaign = self.clone();
        let ended = thread::spawn(move || live(&campaign)).join();
        ended.unwrap_or_else(|_| Err(Violation("the store panicked".to_owned())))
    }
}
