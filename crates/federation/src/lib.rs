//! Proof from elsewhere, turned into one external identity: OpenID Connect, and directories.
//!
//! Every provider is four files of one shape: `config` (what we accept), `fetch` (the network),
//! `verify` (pure), `claims` (the only place that makes an `ExternalIdentity`). All outgoing calls
//! go through one client, [`egress`].
//!
//! A token is looked at in this order, and the first failure ends it: its shape, the algorithm we
//! allow, the key we hold, the signature, and only then what it claims. Nothing in a token ever
//! chooses how the token is verified.

mod address;
pub mod egress;
pub mod ldap;
pub mod oidc;
pub mod strict;
