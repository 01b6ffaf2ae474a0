//! Proof from elsewhere, turned into one external identity: OpenID Connect.
