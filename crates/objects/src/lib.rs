//! What a bucket means: keys, multipart uploads, listings, tags, and their operations.
