//! Rights that are written all the time, and callers who ask all the time.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signing::sign::Credentials;

use crate::client::{Ask, By};
use crate::fixture::{EVERYTHING, House, Maker, house};

/// Callers at the same time, each with a credential of another kind or owner.
const CALLERS: usize = 16;
/// Writes of rights meanwhile.
const WRITES: usize = 120;

/// Asks until the writer has ended; answers how often.
fn asks(house: &House, by: &Credentials, over: &AtomicBool) -> usize {
    let mut asked = 0;
    while !over.load(Ordering::SeqCst) {
        let ask = Ask::admin("GET", "whoami", "");
        house.client.send(&ask, By::Key(by)).expect(200);
        let ask = Ask::form("iam", "GetUser", "UserName=busy");
        house.client.send(&ask, By::Key(by)).expect(200);
        asked += 2;
    }
    asked
}

#[test]
fn no_valid_credential_is_refused_while_rights_are_written() {
    let house = house();
    let make = house.make();
    make.user("busy", None);
    let reader = make.user("busy-reader", Some(EVERYTHING));
    let sessions = Maker { client: house.client, by: &house.admin };
    let session = sessions.session("Roamer", "busy", "");
    let callers = [&house.root, &house.admin, &reader, &session];
    let (over, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for n in 0..CALLERS {
            let (house, over, asked) = (&house, &over, &asked);
            let by = callers[n % callers.len()];
            scope.spawn(move || asked.fetch_add(asks(house, by, over), Ordering::SeqCst));
        }
        let written = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for n in 0..WRITES / 4 {
                let fields = format!("UserName=busy&Tags.member.1.Key=n&Tags.member.1.Value={n}");
                make.iam("TagUser", &fields);
                make.allow("busy", EVERYTHING);
                make.iam("CreateUser", &format!("UserName=busy-{n}"));
                make.iam("DeleteUser", &format!("UserName=busy-{n}"));
            }
        }));
        over.store(true, Ordering::SeqCst);
        written.unwrap();
    });
    assert!(asked.load(Ordering::SeqCst) >= CALLERS);
}
