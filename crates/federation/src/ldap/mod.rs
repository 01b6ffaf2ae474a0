//! Directories: people of LDAP and Active Directory, who sign in with the password they have there.
//!
//! | file | job |
//! |---|---|
//! | `config` | what is said of a directory: servers, binds, searches |
//! | `filter` | search filters (pure) |
//! | `port` | what is asked of a directory, whoever answers |
//! | `connect` | the network: TLS, failover, the pool |
//! | `trust` | whose certificates are believed |
//! | `start_tls` | StartTLS, before anything reads whole messages |
//! | `messages` | what a directory may send (pure) |
//! | `relay` | hands on what it may, and nothing else |
//! | `verify` | what answers and entries mean (pure) |
//! | `groups` | the groups of a person, nested ones included |
//! | `login` | from a name and a password to a person; who is still there |
//! | `recall` | what need not be asked again, since nothing has changed |
//! | `doctor` | whether a directory is what its settings say |
//! | `claims` | the one place here that makes an `ExternalIdentity` |
//! | `refusal` | every reason, for the record |
//!
//! Who somebody is, is the directory's own id of the entry (`objectGUID`, `entryUUID`), which no
//! other entry ever gets: a rename changes nothing, and somebody new under an old name is somebody
//! else.

mod claims;
mod config;
mod connect;
mod doctor;
mod filter;
mod groups;
mod login;
mod messages;
mod port;
mod recall;
mod refusal;
mod relay;
mod start_tls;
mod trust;
mod verify;

#[cfg(test)]
mod bombs;
#[cfg(test)]
mod testing;

pub use claims::external_identity;
pub use config::{
    BadDirectory, Bind, DirectoryForm, DirectorySettings, Nesting, Product, Security, Server,
};
pub use connect::LdapDirectory;
pub use doctor::{Examination, MakeDirectory, examine};
pub use filter::{BadFilter, FILTER_BYTES_MAX, FILTER_DEPTH_MAX, Filter, Operator};
pub use groups::{GROUP_LEVELS_MAX, GROUPS_MAX};
pub use login::{
    Absence, Admits, DirectoryLogins, LOGIN_SECONDS_MAX, PASSWORD_BYTES_MAX, Person, Roll, Typed,
};
pub use messages::MessageFault;
pub use port::{As, Directory, DirectoryError, Entry, Scope, Search};
pub use recall::{GROUPS_WATCHED_MAX, ROUNDS_RECALLED_MAX, Recall, Standing};
pub use refusal::LdapRefusal;
pub use verify::{AccountFault, EntryId};
