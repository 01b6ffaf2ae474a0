//! The rules of the room, as facts.

mod admin;
mod entities;
mod holdings;
mod matrix;
mod mfa;
mod policies;
mod replay;
mod report;
mod sessions;
mod signin;
mod web_identity;
