//! Sign-ins with the tokens of vendors that cannot be run here, through stubs that follow their
//! pages: what is asked, what is refused, and in whose words.
#![cfg(test)]

#[expect(dead_code, reason = "what one test program asks of the stubs, another does not")]
#[path = "../../../testkit/src/vendors.rs"]
mod stubs;

mod desk;
mod entra;
mod google;
mod opaque;
mod workloads;
