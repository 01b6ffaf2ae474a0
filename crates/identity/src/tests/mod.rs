//! The rules of the room, as facts.

mod admin;
mod ceilings;
mod delegation;
mod directory;
mod entities;
mod escalation;
mod holdings;
mod lying;
mod matrix;
mod mfa;
mod mfa_sessions;
mod organization;
mod password_times;
mod people;
mod policies;
mod replay;
mod report;
mod restrictive;
mod revocation;
mod scale;
mod service_accounts;
mod sessions;
mod signin;
mod subset;
mod tokens;
mod web_identity;
