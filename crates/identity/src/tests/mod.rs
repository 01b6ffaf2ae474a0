//! The rules of the room, as facts.

mod admin;
mod entities;
mod holdings;
mod matrix;
mod policies;
mod replay;
mod sessions;
mod web_identity;
