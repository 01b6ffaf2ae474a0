//! Durable state behind ports: the embedded engine.
