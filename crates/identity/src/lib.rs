//! Accounts, users, groups, roles, policies, keys and sessions, and which policies apply to whom.
