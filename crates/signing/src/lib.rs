//! The canonical request, and whether a signature over it holds: SigV4 in header, presigned and chunked form.
