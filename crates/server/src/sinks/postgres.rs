//! PostgreSQL: a row a leaf, inserted by batches; one that comes twice is there already.

use std::path::PathBuf;

use audit::{Delivery, SinkError};
use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls, Statement};
use zeroize::Zeroizing;

use crate::sinks::heard::later;
use crate::sinks::line::{Delivered, Protocol, broken};
use crate::sinks::message;
use crate::sinks::place::{Place, Trust, Words};
use crate::sinks::settings::{SinkConfigError, read};

/// What addresses look like.
const WORDS: Words = Words { open: ("postgres", 5432), sealed: ("postgress", 5432) };
/// What asks for TLS (PostgreSQL, message formats, SSLRequest).
const ASK_FOR_TLS: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// A table.
#[derive(Deserialize, Debug, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct PostgresSettings {
    /// `postgress://host:5432`, with TLS, or `postgres://` of this machine.
    url: String,
    /// The database.
    database: String,
    /// The table, perhaps after a schema and a full stop; it is made if it is not there.
    #[serde(default)]
    table: Option<String>,
    /// The user.
    user: String,
    /// Its password.
    #[serde(default)]
    secret_file: Option<PathBuf>,
}

/// What speaks to PostgreSQL.
pub(super) struct Postgres {
    place: Place,
    database: String,
    table: String,
    user: String,
    password: Option<Zeroizing<String>>,
}

/// A connection, and the statement that inserts. Its task ends with it.
pub(super) struct Link {
    client: Client,
    insert: Statement,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Postgres {
    pub(super) fn new(settings: &PostgresSettings, trust: &Trust) -> Result<Self, SinkConfigError> {
        let place = Place::new(&settings.url, WORDS, trust)?;
        let table = settings.table.clone().unwrap_or_else(|| "strongroom_audit".to_owned());
        if !table.split('.').all(is_name) || table.split('.').count() > 2 {
            return Err(SinkConfigError::Word { setting: "table", word: table });
        }
        let password = settings.secret_file.as_deref().map(read).transpose()?;
        let (database, user) = (settings.database.clone(), settings.user.clone());
        Ok(Self { place, database, table, user, password })
    }

    fn insert(&self) -> String {
        format!(
            "INSERT INTO {} (leaf_index, id, leaf) \
             SELECT leaf_index, id, leaf::jsonb \
             FROM unnest($1::bigint[], $2::text[], $3::text[]) AS batch (leaf_index, id, leaf) \
             ORDER BY leaf_index ON CONFLICT (id) DO NOTHING",
            self.table
        )
    }

    fn make(&self) -> String {
        format!(
            "CREATE TABLE IF NOT EXISTS {} (place bigint GENERATED ALWAYS AS IDENTITY, \
             leaf_index bigint NOT NULL, id text PRIMARY KEY, leaf jsonb NOT NULL)",
            self.table
        )
    }
}

/// A name that needs no quotes.
fn is_name(word: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=63).contains(&word.len())
        && word.bytes().all(letter)
        && !word.starts_with(|first: char| first.is_ascii_digit())
}

impl Protocol for Postgres {
    type Link = Link;

    async fn dial(&self) -> Result<Link, SinkError> {
        let line = self.place.dial_asking(ask).await?;
        let mut config = Config::new();
        config.user(&self.user).dbname(&self.database).application_name("strongroom");
        if let Some(password) = &self.password {
            config.password(password.as_bytes());
        }
        let (client, connection) =
            config.connect_raw(line.into_stream(), NoTls).await.map_err(|error| said(&error))?;
        let task = tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a line to PostgreSQL ended");
            }
        });
        let insert = match client.prepare(&self.insert()).await {
            Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => {
                client.batch_execute(&self.make()).await.map_err(|error| said(&error))?;
                client.prepare(&self.insert()).await
            }
            other => other,
        };
        let insert = insert.map_err(|error| said(&error))?;
        Ok(Link { client, insert, task })
    }

    async fn deliver(&self, link: Link, batch: &[Delivery]) -> Delivered<Link> {
        let indices = batch.iter().map(|delivery| i64::try_from(delivery.index));
        let indices = indices.collect::<Result<Vec<i64>, _>>();
        let indices = indices.map_err(|_| later("an index is no bigint"))?;
        let ids: Vec<&str> = batch.iter().map(|delivery| delivery.id.as_str()).collect();
        let leaves = batch.iter().map(|delivery| String::from_utf8(message::leaf_text(delivery)));
        let leaves: Vec<String> = leaves.map(Result::unwrap_or_default).collect();
        let done = link.client.execute(&link.insert, &[&indices, &ids, &leaves]).await;
        done.map_err(|error| said(&error))?;
        Ok((Vec::new(), Some(link)))
    }
}

/// Asks for TLS, and takes nothing less.
async fn ask(stream: &mut TcpStream) -> Result<(), SinkError> {
    stream.write_all(&ASK_FOR_TLS).await.map_err(broken)?;
    match stream.read_u8().await.map_err(broken)? {
        b'S' => Ok(()),
        _ => Err(later("it does not speak TLS")),
    }
}

/// What PostgreSQL said. Text that it cannot keep is the batch's fault (class 22, data exception);
/// anything else is not.
fn said(error: &tokio_postgres::Error) -> SinkError {
    let text = error.as_db_error().map_or_else(
        || error.to_string(),
        |said| format!("{} {}", said.code().code(), said.message()),
    );
    let why = message::clipped(&text);
    match error.code() {
        Some(code) if code.code().starts_with("22") => SinkError::Refused { why },
        _ => SinkError::Later { why },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_a_plain_name_and_never_a_statement() {
        for (table, good) in [
            ("audit", true),
            ("logs.audit_2", true),
            ("a.b.c", false),
            ("", false),
            ("Audit", false),
            ("2a", false),
            ("a; DROP TABLE b", false),
            ("a\\\"b", false),
        ] {
            let settings = format!(
                "url = \"postgres://127.0.0.1\"\ndatabase = \"d\"\nuser = \"u\"\n\
                 table = \"{table}\""
            );
            let settings = toml::from_str(&settings).unwrap();
            assert_eq!(Postgres::new(&settings, &Trust::default()).is_ok(), good, "{table}");
        }
    }
}
