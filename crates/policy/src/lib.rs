//! The AWS policy language: parse, check, decide, explain.
