//! Every setting there is: the reference manual is printed from this table.

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its dotted key in `strongroom.toml`; the variable is `STRONGROOM_` and the key in upper case
    /// with `_` for `.`.
    pub key: &'static str,
    /// What form the value has.
    pub kind: Kind,
    /// The value when nothing is said; empty means *not set*.
    pub default: &'static str,
    /// What it means, with its unit.
    pub doc: &'static str,
}

/// The form of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An address and a port.
    Address,
    /// A file's path.
    Path,
    /// A whole number.
    Number,
    /// Some text.
    Text,
    /// An array of texts; in a variable, separated by commas.
    List,
}

const fn field(key: &'static str, kind: Kind, default: &'static str, doc: &'static str) -> Field {
    Field { key, kind, default, doc }
}

/// All settings, in the order in which they are shown.
pub const FIELDS: &[Field] = &[
    field(
        "listen.api",
        Kind::Address,
        "127.0.0.1:9000",
        "Where S3, STS, IAM and the native admin API are served. Off loopback this needs TLS or a trusted proxy.",
    ),
    field(
        "listen.ops",
        Kind::Address,
        "127.0.0.1:9002",
        "Where /health/live, /health/ready and /metrics are served; off loopback with TLS, or plainly to trusted proxies.",
    ),
    field(
        "listen.trusted_proxies",
        Kind::List,
        "",
        "Networks of proxies whose X-Forwarded-For is believed: the client is the right-most untrusted hop. Without TLS nobody else may connect from off this machine.",
    ),
    field(
        "listen.proxy_protocol",
        Kind::Text,
        "off",
        "`v2`: every connection to listen.api comes from a trusted proxy and begins with a PROXY header of version 2, which says who the client is; all others are closed. `off`: none does.",
    ),
    field(
        "listen.domains",
        Kind::List,
        "",
        "Domains of this server: a host below one of them names a bucket (virtual-hosted style), as in bucket.store.example.",
    ),
    field(
        "tls.certificate",
        Kind::Path,
        "",
        "Certificate chain, PEM. All files of TLS are read again on SIGHUP and when they change.",
    ),
    field("tls.key", Kind::Path, "", "Private key of that certificate, PEM."),
    field(
        "tls.sni",
        Kind::List,
        "",
        "Further certificates by host name: `[[tls.sni]]` tables of `certificate`, `key` and `names` (those of the certificate if left out; `*.` stands for one label). In a variable: `certificate=PATH;key=PATH;names=HOST HOST`, separated by commas.",
    ),
    field(
        "tls.client_certificates",
        Kind::Text,
        "off",
        "Whether clients of listen.api show certificates: `off`, `optional` (one that does not verify is refused) or `required`.",
    ),
    field(
        "tls.ops_client_certificates",
        Kind::Text,
        "off",
        "The same for listen.ops, where that is served with TLS.",
    ),
    field(
        "tls.client_authorities",
        Kind::List,
        "",
        "Files of the certificate authorities of clients, PEM.",
    ),
    field(
        "tls.client_revocations",
        Kind::List,
        "",
        "Files of their revocation lists, PEM. If there is one, every authority needs one that has not run out, and a certificate whose status is unknown is refused.",
    ),
    field("region", Kind::Text, "", "The region a signature must be scoped to; any when not set."),
    field(
        "signing.v2",
        Kind::Text,
        "refuse",
        "Whether the old AWS Signature Version 2 is taken for S3: `refuse` or `allow`. It proves neither the body nor most of the query.",
    ),
    field(
        "signing.v2_accounts",
        Kind::List,
        "",
        "Accounts of which Signature Version 2 is taken although `signing.v2` refuses it: twelve digits each.",
    ),
    field(
        "signing.v2_expiry_seconds_max",
        Kind::Number,
        "604800",
        "How far ahead a link of Signature Version 2 may end, in seconds; it does not say when it was made.",
    ),
    field(
        "signing.bearer",
        Kind::Text,
        "secure",
        "Whether a request may bring an identity provider's token as `Authorization: Bearer`: `secure` (over TLS, or from this machine), `plain` (also over plain HTTP of trusted proxies) or `refuse`.",
    ),
    field(
        "delegation",
        Kind::Text,
        "any",
        "Whether what somebody makes may exceed them: `any` (as on AWS: whoever may attach a policy may attach any) or `subset` (nobody gives more than they have, whatever policies let them do; docs/decisions/delegation-subset.md).",
    ),
    field(
        "s3.new_buckets",
        Kind::Text,
        "closed",
        "How a bucket begins when its maker does not say: `closed` (ACLs off, all public access blocked, as AWS makes them since April 2023) or `open` (ACLs on, writers own what they write, no public-access block, as before; for old clients).",
    ),
    field(
        "s3.entity_tags",
        Kind::Text,
        "md5",
        "What the entity tag (ETag) of a stored object or part is: `md5` (of its bytes, as AWS has it for objects that are not encrypted) or `opaque` (random, in the form `…-1`; no MD5 is computed unless a request brings one, and large uploads are taken faster).",
    ),
    field(
        "audit.reads",
        Kind::Text,
        "available",
        "How entries of reads and refusals are kept: `strict` (on disk before the answer) or `available` (written before the answer, on disk within a second).",
    ),
    field(
        "audit.writes",
        Kind::Text,
        "strict",
        "The same for everything that changes state, and for STS and IAM.",
    ),
    field(
        "audit.checkpoint_key_file",
        Kind::Path,
        "",
        "The file of the keys that sign the record's checkpoints; `checkpoint.key` in the data directory, made on the first start, if not set.",
    ),
    field(
        "audit.segment_bytes",
        Kind::Number,
        "67108864",
        "Bytes of entries after which a segment of the record is sealed (compressed).",
    ),
    field(
        "audit.segment_age_seconds",
        Kind::Number,
        "86400",
        "How old the first entry of a segment gets before it is sealed although it is not full, in seconds.",
    ),
    field(
        "audit.retention_seconds",
        Kind::Number,
        "0",
        "How long entries are kept, in seconds: a sealed segment is removed when all of it is older, no hold keeps it and every sink has had it. 0: for ever.",
    ),
    field(
        "audit.cap_bytes",
        Kind::Number,
        "0",
        "How many bytes the record may have on its disk. 0: as many as there are.",
    ),
    field(
        "audit.at_cap",
        Kind::Text,
        "refuse",
        "What happens at that size: `refuse` (operations that store something are refused as if the disk were full; past it by 16 MiB, all) or `drop-oldest` (the oldest sealed segment is removed, unless a hold keeps it or a sink has not had it: then as `refuse`).",
    ),
    field(
        "audit.sinks_file",
        Kind::Path,
        "",
        "A TOML file of `[[sink]]` tables: where else the record goes (see audit.md).",
    ),
    field(
        "audit.witnesses_file",
        Kind::Path,
        "",
        "A TOML file of `[[witness]]` tables: who is shown the record's checkpoints to cosign them (see audit.md).",
    ),
    field(
        "oidc.http_origins",
        Kind::List,
        "",
        "Loopback origins such as http://127.0.0.1:8080 at which an OpenID provider may be reached without TLS.",
    ),
    field(
        "oidc.ca_file",
        Kind::Path,
        "",
        "Further certificate authorities for identity providers, PEM.",
    ),
    field(
        "oidc.lookups_file",
        Kind::Path,
        "",
        "A TOML file of `[[lookup]]` tables: what is asked of OpenID providers beyond their tokens (see lookups.md).",
    ),
    field(
        "directories.file",
        Kind::Path,
        "",
        "A TOML file of `[[directory]]` tables: LDAP and Active Directory servers that people sign in with (see directories.md).",
    ),
    field(
        "sts.session_seconds_max",
        Kind::Number,
        "43200",
        "The longest session that may be asked for, in seconds.",
    ),
    field("iam.access_keys_per_user", Kind::Number, "2", "Access keys of one user."),
    field("iam.users_per_account", Kind::Number, "5000000", "Users of one account."),
    field("iam.groups_per_account", Kind::Number, "300000", "Groups of one account."),
    field("iam.roles_per_account", Kind::Number, "1000000", "Roles of one account."),
    field("iam.policies_per_account", Kind::Number, "1500000", "Managed policies of one account."),
    field("iam.groups_per_user", Kind::Number, "10", "Groups that one user is in."),
    field(
        "iam.attached_policies",
        Kind::Number,
        "10",
        "Managed policies attached to one user, group or role.",
    ),
    field(
        "iam.providers_per_account",
        Kind::Number,
        "100",
        "OpenID providers of one account, and as many SAML providers.",
    ),
    field("iam.mfa_devices_per_user", Kind::Number, "8", "MFA devices of one user."),
    field(
        "iam.service_accounts_per_parent",
        Kind::Number,
        "100",
        "Service accounts of one user, role or root.",
    ),
    field(
        "store.reserve_bytes",
        Kind::Number,
        "268435456",
        "Free disk space below which writes are refused, in bytes.",
    ),
    field(
        "store.page_cache",
        Kind::Text,
        "reads",
        "What the kernel's page cache keeps of large objects: `reads` (what was read; writing an object of 1 MiB or more passes it where the file system has a way, and takes less of the processor) or `writes` (what was written, too: better where most objects are read soon after they were written, from memory to spare).",
    ),
    field("limits.connections", Kind::Number, "16384", "Connections served at the same time."),
    field(
        "limits.connections_per_address",
        Kind::Number,
        "1024",
        "Connections of one address (one /64 network of IPv6) served at the same time; trusted proxies that do not speak the PROXY protocol are not counted by address.",
    ),
    field("limits.head_bytes", Kind::Number, "65536", "Bytes of a request's head."),
    field("limits.headers", Kind::Number, "100", "Header lines of a request."),
    field("limits.streams", Kind::Number, "128", "Requests in flight on one HTTP/2 connection."),
    field(
        "limits.head_seconds",
        Kind::Number,
        "10",
        "How long a client may take from its connection to its first request, and from the first byte of a request's head to the last, in seconds.",
    ),
    field(
        "limits.idle_seconds",
        Kind::Number,
        "60",
        "How long a connection may be without a request, a body without progress, or an answer unread, in seconds.",
    ),
    field(
        "limits.body_bytes_per_second",
        Kind::Number,
        "128",
        "How many bytes a second a body must bring while the server waits for it, taken over limits.idle_seconds.",
    ),
    field(
        "limits.handshake_seconds",
        Kind::Number,
        "10",
        "How long the PROXY header and the TLS handshake may take together, in seconds.",
    ),
    field(
        "limits.handshakes_per_second",
        Kind::Number,
        "1000",
        "TLS handshakes begun in a second; connections past it are closed.",
    ),
    field(
        "limits.handshakes_per_address",
        Kind::Number,
        "250",
        "TLS handshakes begun in a second by one address; counted as limits.connections_per_address counts.",
    ),
    field(
        "limits.unproven_bytes",
        Kind::Number,
        "1048576",
        "Bytes of a body that has to be read before its sender is known: forms of IAM and STS, and JSON of the admin API.",
    ),
    field(
        "limits.verifications",
        Kind::Number,
        "64",
        "Tokens of identity providers that are verified at the same time.",
    ),
    field(
        "limits.bearer_sessions",
        Kind::Number,
        "16384",
        "Sessions of tokens on requests that are remembered; past it the one that ends first is forgotten, and its token is verified again.",
    ),
    field(
        "limits.account_requests",
        Kind::Number,
        "1024",
        "Requests of one account served at the same time; callers without a credential count as one account.",
    ),
    field(
        "limits.chunk_bytes",
        Kind::Number,
        "16777216",
        "Bytes of a signed chunk: each is held until its signature has been compared.",
    ),
    field(
        "limits.linger_bytes",
        Kind::Number,
        "8388608",
        "Bytes that are read and thrown away of a body whose request was answered before it ended, so that its sender sees the answer and not a reset.",
    ),
    field("limits.linger_seconds", Kind::Number, "5", "For how long, in seconds."),
    field(
        "limits.drain_seconds",
        Kind::Number,
        "30",
        "How long open requests may go on after SIGTERM, in seconds.",
    ),
    field("log.format", Kind::Text, "text", "`text` or `json`."),
    field(
        "log.level",
        Kind::Text,
        "info",
        "What is logged: a level, or `tracing` filter directives.",
    ),
];

impl Field {
    /// The field of that key.
    #[must_use]
    pub fn find(key: &str) -> Option<&'static Self> {
        FIELDS.iter().find(|field| field.key == key)
    }

    /// The environment variable that sets it.
    ///
    /// ```
    /// use strongroom_server::config::Field;
    /// assert_eq!(Field::find("listen.api").unwrap().variable(), "STRONGROOM_LISTEN_API");
    /// ```
    #[must_use]
    pub fn variable(&self) -> String {
        format!("STRONGROOM_{}", self.key.to_ascii_uppercase().replace('.', "_"))
    }

    /// The known key nearest to an unknown one, if it is near enough to be meant.
    #[must_use]
    pub fn nearest(unknown: &str) -> Option<&'static str> {
        FIELDS
            .iter()
            .map(|field| (distance(unknown, field.key), field.key))
            .min()
            .filter(|(distance, key)| *distance <= key.len() / 2)
            .map(|(_, key)| key)
    }
}

/// The reference manual: every setting, its variable, its default and what it means, as Markdown.
///
/// ```
/// assert!(strongroom_server::config::manual().contains("`listen.api`"));
/// ```
#[must_use]
pub fn manual() -> String {
    let mut page = MANUAL_HEAD.to_owned();
    for field in FIELDS {
        let default = match field.default {
            "" => "not set".to_owned(),
            value => format!("`{value}`"),
        };
        let (key, variable, doc) = (field.key, field.variable(), field.doc);
        page.push_str(&format!("| `{key}` | `{variable}` | {default} | {doc} |\n"));
    }
    page
}

const MANUAL_HEAD: &str = "# Configuration

A setting comes from a flag of `strongroom server`, else from its variable, else from
`strongroom.toml` (in the data directory, or named by `--config`), else from its default. In the
file, `listen.api` is the key `api` of the table `[listen]`; a list is an array there and separated
by commas in a variable. A key that is not in this table is refused. `strongroom config show DIR`
prints what is in force and where it comes from.

Secrets are not settings: `STRONGROOM_ROOT_ACCESS_KEY`, `STRONGROOM_ROOT_SECRET_KEY` and
`STRONGROOM_ACCOUNT_ID` count on the first start alone; `STRONGROOM_MASTER_KEY` (or
`STRONGROOM_MASTER_KEY_FILE`) supplies the sealing key on every start.

| setting | variable | default | meaning |
|---|---|---|---|
";

/// Levenshtein's edit distance, in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(&b) {
            let substitute = diagonal + usize::from(x != *y);
            diagonal = *cell;
            left = substitute.min(left + 1).min(*cell + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_answered_with_the_nearest_known_one() {
        assert_eq!(Field::nearest("listen.apo"), Some("listen.api"));
        assert_eq!(Field::nearest("audit.write"), Some("audit.writes"));
        assert_eq!(Field::nearest("something-else-entirely"), None);
    }

    #[test]
    fn the_distance_counts_single_edits() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
    }

    #[test]
    fn the_manual_says_what_the_table_says() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
        let written = std::fs::read_to_string(file).unwrap_or_default();
        assert!(written == manual(), "docs/configuration.md is not what `config::manual` prints");
    }

    #[test]
    fn no_two_settings_share_a_variable() {
        let mut variables: Vec<String> = FIELDS.iter().map(Field::variable).collect();
        variables.sort();
        variables.dedup();
        assert_eq!(variables.len(), FIELDS.len());
    }
}
