//! The turns of a connection.
//!
//! A request's body goes from the connection to whoever answers it within one task, so the task
//! wakes itself in the middle of its own turn. The runtime would put it behind everybody else, and
//! wake another thread to take it: for each request with a body, and for each piece of a long one.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// How many turns a connection has in a row before others have theirs.
const IN_A_ROW_MAX: usize = 8;

/// Gives whatever wakes itself its next turn at once.
pub(super) struct Turns {
    bell: Arc<Bell>,
    waker: Waker,
}

/// What is rung to wake a connection.
#[derive(Default)]
struct Bell {
    /// It was rung since the last turn began.
    rung: AtomicBool,
    /// Somebody is there to see that.
    attended: AtomicBool,
    /// Who is woken if nobody is.
    task: Mutex<Option<Waker>>,
}

impl Turns {
    pub(super) fn new() -> Self {
        let bell = Arc::new(Bell::default());
        let waker = Waker::from(Arc::clone(&bell));
        Self { bell, waker }
    }

    /// Has `turn` polled, and again while it was woken in the meantime, but not for ever.
    pub(super) fn poll<T>(
        &self,
        cx: &Context<'_>,
        mut turn: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        self.bell.belongs_to(cx.waker());
        self.bell.attended.store(true, Ordering::SeqCst);
        for _ in 0..IN_A_ROW_MAX {
            // What was done before it was rung is seen by this turn.
            self.bell.rung.swap(false, Ordering::SeqCst);
            let outcome = turn(&mut Context::from_waker(&self.waker));
            if outcome.is_ready() {
                return outcome;
            }
            if !self.bell.rung.load(Ordering::SeqCst) {
                break;
            }
        }
        self.bell.attended.store(false, Ordering::SeqCst);
        // From here on whoever rings it wakes the task; who rang it before has not.
        if self.bell.rung.load(Ordering::SeqCst) {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

impl Bell {
    fn belongs_to(&self, waker: &Waker) {
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        if !task.as_ref().is_some_and(|known| known.will_wake(waker)) {
            *task = Some(waker.clone());
        }
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, Ordering::SeqCst);
        if self.attended.load(Ordering::SeqCst) {
            return;
        }
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(task) = task {
            task.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    /// Counts how often it is woken.
    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    impl Count {
        fn get(&self) -> usize {
            self.0.load(Ordering::SeqCst)
        }
    }

    #[test]
    fn who_wakes_itself_has_its_next_turn_at_once_and_its_task_is_not_woken() {
        let (count, turns, mut had) = (Arc::<Count>::default(), Turns::new(), 0);
        let task = Waker::from(Arc::clone(&count));
        let outcome = turns.poll(&Context::from_waker(&task), |cx| {
            had += 1;
            if had < 3 {
                cx.waker().wake_by_ref();
            }
            Poll::<()>::Pending
        });
        assert_eq!((outcome, had, count.get()), (Poll::Pending, 3, 0));
        let outcome = turns.poll(&Context::from_waker(&task), |cx| {
            cx.waker().wake_by_ref();
            Poll::Ready(5)
        });
        assert_eq!((outcome, count.get()), (Poll::Ready(5), 0));
    }

    #[test]
    fn who_never_stops_waking_itself_lets_others_have_their_turn() {
        let (count, turns, mut had) = (Arc::<Count>::default(), Turns::new(), 0);
        let task = Waker::from(Arc::clone(&count));
        let outcome = turns.poll(&Context::from_waker(&task), |cx| {
            had += 1;
            cx.waker().wake_by_ref();
            Poll::<()>::Pending
        });
        assert_eq!((outcome, had, count.get()), (Poll::Pending, IN_A_ROW_MAX, 1));
    }

    #[test]
    fn who_is_woken_between_turns_has_its_task_woken_whichever_that_is_now() {
        let (first, second) = (Arc::<Count>::default(), Arc::<Count>::default());
        let (turns, mut kept) = (Turns::new(), None);
        for task in [&first, &second] {
            let task = Waker::from(Arc::clone(task));
            let outcome = turns.poll(&Context::from_waker(&task), |cx| {
                kept = Some(cx.waker().clone());
                Poll::<()>::Pending
            });
            assert_eq!(outcome, Poll::Pending);
            kept.take().unwrap().wake();
        }
        assert_eq!((first.get(), second.get()), (1, 1));
    }

    /// A ring is lost in neither of the two moments: while the turn that would see it ends, and
    /// while the next begins.
    #[test]
    fn no_ring_from_another_thread_is_lost() {
        const RINGS: usize = 20_000;
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (turns, rung) = (Turns::new(), Arc::new(AtomicUsize::new(0)));
        let (mut seen, mut ringer) = (0, None);
        runtime.block_on(std::future::poll_fn(|cx| {
            turns.poll(cx, |cx| {
                let ringer = ringer.get_or_insert_with(|| {
                    let (send, receive) = std::sync::mpsc::channel::<()>();
                    let (waker, rung) = (cx.waker().clone(), Arc::clone(&rung));
                    let thread = std::thread::spawn(move || {
                        for () in receive {
                            rung.fetch_add(1, Ordering::Relaxed);
                            waker.wake_by_ref();
                        }
                    });
                    send.send(()).unwrap();
                    (send, thread)
                });
                let now = rung.load(Ordering::Relaxed);
                if now > seen {
                    seen = now;
                    ringer.0.send(()).unwrap();
                }
                if seen < RINGS { Poll::Pending } else { Poll::Ready(()) }
            })
        }));
        let (send, thread) = ringer.unwrap();
        drop(send);
        thread.join().unwrap();
    }
}
