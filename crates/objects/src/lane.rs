//! A lane in which one thing after another is done beside whoever asks for it, in order.
//!
//! A lane holds a thread only while there is work in it, so that a thousand bodies that arrive
//! slowly hold none; and it takes more work than it is doing, so that it need not wait for whoever
//! brings the next.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::ports::StoreError;

/// How much work may be in a lane: what is being done, and what waits.
const DEPTH: u32 = 3;

/// A state and the work that changes it.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use strongroom_objects::Lane;
///
/// let lane = Lane::new(0, |sum: &mut u32, number: u32| *sum += number);
/// for number in 1..=4 {
///     lane.add(number).await.unwrap();
/// }
/// assert_eq!(lane.done().await.unwrap(), 10);
/// # });
/// ```
pub struct Lane<T, W> {
    shared: Arc<Shared<T, W>>,
    step: fn(&mut T, W),
}

struct Shared<T, W> {
    /// Closed once a step panicked.
    room: Arc<Semaphore>,
    desk: Mutex<Desk<T, W>>,
}

struct Desk<T, W> {
    /// The state while nobody works on it.
    idle: Option<T>,
    waiting: VecDeque<(W, OwnedSemaphorePermit)>,
}

impl<T: Send + 'static, W: Send + 'static> Lane<T, W> {
    /// A lane without work. `step` may wait for the disk, and for nothing else.
    pub fn new(state: T, step: fn(&mut T, W)) -> Self {
        let room = Arc::new(Semaphore::new(usize::try_from(DEPTH).unwrap_or(1)));
        let desk = Mutex::new(Desk { idle: Some(state), waiting: VecDeque::new() });
        Self { shared: Arc::new(Shared { room, desk }), step }
    }

    /// Adds work, once there is room for it. Dropped midway, it may not have been added; nobody
    /// need be there for what was added to be done.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: a step panicked.
    pub async fn add(&self, work: W) -> Result<(), StoreError> {
        let room = Arc::clone(&self.shared.room).acquire_owned().await;
        let room = room.map_err(|_| StoreError::Unavailable)?;
        let mut desk = self.shared.desk();
        desk.waiting.push_back((work, room));
        if let Some(state) = desk.idle.take() {
            let (shared, step) = (Arc::clone(&self.shared), self.step);
            let worker = Worker { shared, state: Some(state) };
            drop(tokio::task::spawn_blocking(move || worker.work_off(step)));
        }
        Ok(())
    }

    /// The state, once all work is done.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: a step panicked, or the process ends.
    pub async fn done(self) -> Result<T, StoreError> {
        let all = self.shared.room.acquire_many(DEPTH).await;
        let _all = all.map_err(|_| StoreError::Unavailable)?;
        self.shared.desk().idle.take().ok_or(StoreError::Unavailable)
    }
}

impl<T, W> Shared<T, W> {
    fn desk(&self) -> MutexGuard<'_, Desk<T, W>> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever does the work. If it ends with the state still in hand, the lane is closed.
struct Worker<T, W> {
    shared: Arc<Shared<T, W>>,
    state: Option<T>,
}

impl<T, W> Worker<T, W> {
    fn work_off(mut self, step: fn(&mut T, W)) {
        let mut finished: Option<OwnedSemaphorePermit> = None;
        loop {
            let mut desk = self.shared.desk();
            let Some((work, room)) = desk.waiting.pop_front() else {
                desk.idle = self.state.take();
                // The last room is given back (at the end) when the state is at the desk again:
                // whoever has all of it finds it there.
                return;
            };
            drop(desk);
            drop(finished.replace(room));
            if let Some(state) = &mut self.state {
                step(state, work);
            }
        }
    }
}

impl<T, W> Drop for Worker<T, W> {
    fn drop(&mut self) {
        if self.state.is_some() {
            self.shared.room.close();
            self.shared.desk().waiting.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_is_done_in_the_order_in_which_it_was_added() {
        let lane = Lane::new(Vec::new(), |done: &mut Vec<u32>, work| done.push(work));
        for work in 0..100 {
            lane.add(work).await.unwrap();
        }
        assert_eq!(lane.done().await.unwrap(), (0..100).collect::<Vec<u32>>());
    }

    #[tokio::test]
    async fn a_lane_without_work_gives_its_state_back_as_it_was() {
        let lane = Lane::new(7_u32, |_: &mut u32, (): ()| {});
        assert_eq!(lane.done().await.unwrap(), 7);
    }

    #[tokio::test]
    async fn a_lane_whose_step_panicked_says_so_and_nobody_waits_for_it() {
        let lane = Lane::new((), |(): &mut (), work: u32| assert!(work < 2));
        for work in 0..20 {
            if lane.add(work).await.is_err() {
                break;
            }
        }
        assert!(matches!(lane.add(0).await, Err(StoreError::Unavailable)));
        assert!(matches!(lane.done().await, Err(StoreError::Unavailable)));
    }
}
