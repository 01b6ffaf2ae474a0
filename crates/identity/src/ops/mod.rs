//! Every operation of IAM, of STS and of the native admin API, as a type.
//!
//! An operation is what the request means once it is parsed: it knows what it asks to be allowed
//! ([`policy::operation::Operation`]), what it says of itself to condition keys ([`RequestFacts`])
//! and, through [`Perform`](crate::Perform), what it does. Actions and resources are those of the
//! AWS Service Authorization Reference.

mod admin;
mod analyzer;
mod attachment;
mod directory;
mod group;
mod inline;
mod key;
mod logout;
mod managed;
mod mfa;
mod organization;
mod provider;
mod reference;
mod report;
mod role;
mod saml;
mod service_account;
mod signin;
mod simulate;
mod sts;
mod tag;
mod token;
mod user;

pub use admin::*;
pub use analyzer::*;
pub use attachment::*;
pub use directory::*;
pub use group::*;
pub use inline::*;
pub use key::*;
pub use logout::*;
pub use managed::*;
pub use mfa::*;
pub use organization::*;
pub use provider::*;
pub use reference::*;
pub use report::*;
pub use role::*;
pub use saml::*;
pub use service_account::*;
pub use signin::*;
pub use simulate::*;
pub use sts::*;
pub use tag::*;
pub use token::*;
pub use user::*;

use policy::facts::FactMap;

/// What an operation says of itself to condition keys: `iam:PolicyARN`, `aws:RequestTag/…`, ….
pub trait RequestFacts {
    /// Puts those keys into the map of what the request says.
    fn request_facts(&self, facts: &mut FactMap);
}

/// Declares operations: a type with public fields, its one required check, and its condition keys.
macro_rules! operations {
    ($(
        $(#[$doc:meta])*
        $name:ident: $action:literal on $on:expr $(, facts $facts:expr)? ;
        { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? }
    )*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            $(
                #[doc = concat!("`", stringify!($field), "` of the request.")]
                $(#[$field_doc])*
                pub $field: $type,
            )*
        }

        impl ::policy::operation::Operation for $name {
            const NAME: &'static str = stringify!($name);
            const CHECKS: &'static [::policy::operation::Rule<Self>] =
                &[::policy::operation::Rule::required(::names::Action::known($action), $on)];
        }

        impl $crate::ops::RequestFacts for $name {
            fn request_facts(&self, _facts: &mut ::policy::facts::FactMap) {
                $(
                    let say: fn(&Self, &mut ::policy::facts::FactMap) = $facts;
                    say(self, _facts);
                )?
            }
        }
    )* };
}

pub(crate) use operations;
