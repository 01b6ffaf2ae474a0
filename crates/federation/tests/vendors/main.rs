//! Sign-ins with the tokens of vendors that cannot be run here, through stubs that follow their
//! pages: what is asked, what is refused, and in whose words.
#![cfg(test)]

#[expect(unreachable_pub, reason = "the file is public where it lives")]
#[path = "../../../testkit/src/vendors.rs"]
mod stubs;

mod desk;
mod entra;
mod google;
mod keycloak;
mod okta;
mod opaque;
mod workloads;
