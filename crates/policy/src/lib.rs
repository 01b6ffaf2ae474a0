//! The AWS policy language: may this happen, and why.

pub mod decision;
pub mod facts;
pub mod operation;
pub mod principal;
