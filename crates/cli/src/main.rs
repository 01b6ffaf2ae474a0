//! The `strongroom` command: the server, and every client verb in a file of its own.

mod client;
mod credentials;
mod dice;
mod environment;
mod exit;
mod ini;
mod kept;
mod openid;
mod print;
mod progress;
mod terminal;
mod verbs;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::print::Printer;

/// A request makes and frees some hundred small things on one of many threads, which this does in
/// half the time of the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// S3-compatible object store whose product is its access control.
#[derive(Parser)]
#[command(name = "strongroom", version, propagate_version = true, arg_required_else_help = true)]
struct Arguments {
    #[command(flatten)]
    printing: print::Flags,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Server(verbs::server::Server),
    Apply(verbs::apply::Apply),
    /// Create, list, bound, suspend and close accounts.
    #[command(subcommand)]
    Account(verbs::account::Account),
    /// Organise accounts in units, and bound them by control policies.
    #[command(subcommand)]
    Org(verbs::org::Org),
    /// Make, list, change and delete keys that belong to a user, role or root.
    #[command(subcommand)]
    ServiceAccount(verbs::service_account::ServiceAccount),
    Login(verbs::login::Login),
    CredentialProcess(verbs::credential_process::CredentialProcess),
    Logout(verbs::logout::Logout),
    Whoami(verbs::whoami::Whoami),
    /// List and revoke sessions.
    #[command(subcommand)]
    Sessions(verbs::sessions::Sessions),
    Explain(verbs::explain::Explain),
    Presign(verbs::presign::Presign),
    /// Test, check and compare policies, and try changes out.
    #[command(subcommand)]
    Policy(verbs::policy::Policy),
    /// Add, list, map and check identity providers.
    #[command(subcommand)]
    Idp(verbs::idp::Idp),
    /// Read, follow and verify the record.
    #[command(subcommand)]
    Audit(verbs::audit::Audit),
    Backup(verbs::backup::Backup),
    Restore(verbs::backup::Restore),
    Verify(verbs::backup::Verify),
    /// Rotate the keys that seal secrets.
    #[command(subcommand)]
    Key(verbs::key::Key),
    /// Recover the root credential, without a server.
    #[command(subcommand)]
    Root(verbs::root::Root),
    /// Show the configuration that is in force.
    #[command(subcommand)]
    Config(verbs::config::ConfigVerb),
    Version(verbs::version::Version),
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return exit::usage(&error),
    };
    let printer = Printer::new(arguments.printing);
    let outcome = match arguments.verb {
        Verb::Server(verb) => verb.run(),
        Verb::Apply(verb) => verb.run(&printer),
        Verb::Account(verb) => verb.run(&printer),
        Verb::Org(verb) => verb.run(&printer),
        Verb::ServiceAccount(verb) => verb.run(&printer),
        Verb::Login(verb) => verb.run(&printer),
        Verb::CredentialProcess(verb) => verb.run(&printer),
        Verb::Logout(verb) => verb.run(&printer),
        Verb::Whoami(verb) => verb.run(&printer),
        Verb::Sessions(verb) => verb.run(&printer),
        Verb::Explain(verb) => verb.run(&printer),
        Verb::Presign(verb) => verb.run(&printer),
        Verb::Policy(verb) => verb.run(&printer),
        Verb::Idp(verb) => verb.run(&printer),
        Verb::Audit(verb) => verb.run(&printer),
        Verb::Backup(verb) => verb.run(&printer),
        Verb::Restore(verb) => verb.run(&printer),
        Verb::Verify(verb) => verb.run(&printer),
        Verb::Key(verb) => verb.run(&printer),
        Verb::Root(verb) => verb.run(&printer),
        Verb::Config(verb) => verb.run(&printer),
        Verb::Version(verb) => verb.run(&printer),
    };
    exit::status(outcome)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    /// One command line of each verb, and every flag that has a value of its own form.
    const LINES: &[&str] = &[
        "server data --listen 127.0.0.1:1 --ops-listen 127.0.0.1:2 --config c --log-format json",
        "apply rights.json --plan --prune",
        "apply rights.toml --check",
        "account create partner --id 111122223333 --root-key-file f --json",
        "account list",
        "account suspend 444455556666",
        "account resume 444455556666",
        "account close 444455556666",
        "account bound 444455556666 --session-seconds-max 3600",
        "account public-access get",
        "account public-access put --block-public-acls --restrict-public-buckets",
        "account public-access delete",
        "service-account create bot --for AIDAEX --policy p.json --expires 2027-01-01T00:00:00Z",
        "service-account list --for arn:aws:iam::111122223333:user/ana",
        "service-account update AKIAEXAMPLE123456789 bot --status inactive",
        "service-account delete AKIAEXAMPLE123456789",
        "org tree",
        "org unit create engineering --in ou-a1b2-a1b2c3d4",
        "org unit rename ou-a1b2-a1b2c3d4 research",
        "org unit delete ou-a1b2-a1b2c3d4",
        "org move 444455556666 --to ou-a1b2-a1b2c3d4",
        "org policy create no-iam --kind scp p.json --description d",
        "org policy update p-a1b2c3d4e5 p.json",
        "org policy show p-a1b2c3d4e5",
        "org policy list --kind rcp",
        "org policy delete p-a1b2c3d4e5",
        "org attach p-a1b2c3d4e5 r-a1b2",
        "org detach p-a1b2c3d4e5 444455556666",
        "org enable scp",
        "org disable rcp",
        "login --provider corp --role arn:aws:iam::111122223333:role/R --token-file t --profile p",
        "login --token-command get --credential-process --duration 900 --session-name s",
        "login --provider corp --device --scope openid --client-secret-file f",
        "login --browser --issuer https://a.example --client-id x --no-open --redirect-port 8765 \
         --prompt consent",
        "login --provider corp --user ana --password-stdin",
        "credential-process --profile ana",
        "logout --profile ana",
        "whoami --endpoint http://127.0.0.1:9000",
        "sessions list --quiet",
        "sessions revoke --session ASIAEXAMPLE123456789",
        "sessions revoke --principal arn:aws:iam::111122223333:user/ana",
        "sessions revoke --key AKIAEXAMPLE123456789",
        "sessions revoke --provider arn:aws:iam::111122223333:oidc-provider/a.example",
        "sessions revoke --idp-session arn:aws:iam::111122223333:oidc-provider/a.example,s1",
        "sessions revoke --address 192.0.2.7",
        "sessions revoke --everything",
        "explain 01KAZ0Q3V5R8T1W4X7Y0B2D5FG-0",
        "presign s3://lake/reports/q3.csv --expires 2h --method get",
        "policy test a.json -",
        "policy check a.json - --kind trust --level security-warning --sarif",
        "policy diff old.json new.json --kind role-trust",
        "policy simulate cases.json --attach a.json:boundary --attach b.json --detach old",
        "idp add corp --issuer https://a.example --client-id x --client-id y --groups-claim groups",
        "idp list",
        "idp map corp rules.json",
        "idp check --token-file t corp",
        "idp add corp --directory corp --trust-file t",
        "idp doctor corp --user alice",
        "idp doctor okta --token-file t",
        "audit tail -n 5 --follow",
        "audit tail --follow --verdict refused --resource arn:aws:s3:::pay/ --view ecs",
        "audit search --verdict refused --from 2026-01-01T00:00:00Z --limit 1000 --dir d",
        "audit verify --dir d --expect running",
        "audit verify",
        "audit timeline --credential AKIAIOSFODNN7EXAMPLE --dir d",
        "audit stats --dir d",
        "audit prove 01KAZ0Q3V5R8T1W4X7Y0B2D5FG --dir d",
        "audit export --leaves 0..9 --dir d -o b.json",
        "audit export --view ocsf -o b.jsonl",
        "audit growth old.checkpoint --dir d",
        "audit hold place case-7 --from 2026-01-01T00:00:00Z",
        "audit hold list --dir d",
        "audit hold release case-7",
        "audit key --dir d",
        "audit key --history --dir d",
        "audit witness request --old 0 --dir d",
        "audit witness join request answer --witness \
         witness+eeba705d+BC1xFkK3JrBEAWJ8qfusMvXIUw+xkDzE2wIlhxeSGkiB",
        "audit checkpoint",
        "audit rotate-key --dir d",
        "audit sink test siem --sinks sinks.toml",
        "audit sink list --sinks sinks.toml",
        "audit sink status --dir d --sinks sinks.toml",
        "backup /b",
        "restore /b d",
        "verify d",
        "key rotate",
        "root reset d",
        "config show d --config c",
        "config check",
        "version",
    ];

    fn parse(line: &str) -> Result<Arguments, clap::Error> {
        let words = std::iter::once("strongroom").chain(line.split_whitespace());
        Arguments::try_parse_from(words)
    }

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_verb_is_understood() {
        for line in LINES {
            assert!(parse(line).is_ok(), "{line}: {}", parse(line).err().unwrap());
        }
    }

    #[test]
    fn what_contradicts_itself_is_not() {
        for line in [
            "",
            "account public-access put",
            "sessions revoke",
            "sessions revoke --session A --principal B",
            "sessions revoke --everything --key A",
            "sessions revoke --address here",
            "login --token-file t --token-command c",
            "login --device --browser",
            "login --user ana --token-file t",
            "login --issuer https://a.example",
            "login --password-stdin",
            "login --device --credential-process",
            "audit search --limit 10000001",
            "audit search --view splunk",
            "audit search --limit 0",
            "audit search --verdict perhaps",
            "audit tail -n 1001",
            "audit search --dir d --endpoint http://x",
            "audit verify --expect running",
            "policy test",
            "policy check",
            "policy check a --kind vpc",
            "policy check a --level fatal",
            "idp add corp --issuer https://a.example",
            "whoami --json --quiet",
            "server",
            "nonsense",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }

    /// Every command that does something itself, by its words.
    fn leaves(command: &clap::Command, words: &str, into: &mut Vec<(String, String)>) {
        let mut command = command.clone();
        let own = command.get_subcommands().filter(|sub| sub.get_name() != "help");
        let subs: Vec<clap::Command> = own.cloned().collect();
        if subs.is_empty() {
            into.push((words.to_owned(), command.render_long_help().to_string()));
        }
        for sub in &subs {
            leaves(sub, format!("{words} {}", sub.get_name()).trim(), into);
        }
    }

    #[test]
    fn every_verb_has_help_with_an_example_that_is_understood_and_prints_as_asked() {
        let mut found = Vec::new();
        let mut root = Arguments::command();
        root.build();
        leaves(&root, "", &mut found);
        assert!(found.len() > 20, "{found:?}");
        for (words, help) in found {
            let example = help.split("Example: strongroom ").nth(1);
            let example = example.unwrap_or_else(|| panic!("`{words}` has no example"));
            let example: Vec<&str> =
                example.split("\n\n").next().unwrap().split_whitespace().collect();
            let example = example.join(" ");
            assert!(example.starts_with(&words), "{words}: {example}");
            let simple = example.replace("'get-token'", "get-token");
            // Where the shell puts it is the shell's business.
            let simple = simple.split(" > ").next().unwrap();
            assert!(parse(simple).is_ok(), "{example}");
            assert!(help.contains("--json") && help.contains("--quiet"), "{words}");
        }
    }

    #[test]
    fn each_verb_is_parsed_by_a_line_of_these_tests() {
        let mut found = Vec::new();
        leaves(&Arguments::command(), "", &mut found);
        for (words, _) in found {
            assert!(LINES.iter().any(|line| line.starts_with(&words)), "{words}");
        }
    }
}
