//! What the questions of the Access Analyzer need of this room: that the caller asks for itself.

use super::performs;
use crate::identity::Performed;

performs! {
    ValidatePolicy => (), Read, |op, cx| cx.own(op.account).map(Performed::read);
    CheckNoNewAccess => (), Read, |op, cx| cx.own(op.account).map(Performed::read);
    CheckAccessNotGranted => (), Read, |op, cx| cx.own(op.account).map(Performed::read);
    CheckNoPublicAccess => (), Read, |op, cx| cx.own(op.account).map(Performed::read);
}
