//! The developer's chores: what CI runs is `cargo xtask check`.

mod bench;
mod campaign;
mod check;
mod codegen;
mod conformance;
mod corpus;
mod map;
mod supply;
mod tidy;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask NAME

  check              what CI runs: format, lints, map, tidy, docs, tests, generated code, licences
  map                compares the rooms and their arrows with the table in docs/ARCHITECTURE.md
  tidy               what compilers cannot see: long lines and functions, banned words, dead files
  codegen            makes the messages of wire from the AWS service models, and the action table
                     of policy (`codegen actions` makes that alone); --check compares only
  corpus             joins docs/security-rows.txt with the tests that replay it, into
                     docs/security-tests.md; --check compares only
  supply             licences and sources of every dependency
  conformance NAME   the product under real clients: first-request,
                     clients [--quick] [--only CLIENT]… (all of them write docs/clients.md)
                     directories [--debug] [--without NAME]… [SCRIPT…] (directories and providers)
                     audit [--debug] [sinks [NAME…]] (receivers of the record, another verifier)
                     iam, terraform [--debug] [--tofu PATH] [--provider PATH]
                     (tools that manage rights)
                     sarif (what `policy check` prints, against its schema)
                     s3-tests --suite PATH [--only FILE|EXPRESSION]… [--all] [--slow] [--record]
                     recorded --suite PATH (answers of AWS that LocalStack recorded)
                     signers [--seed N] [--cases N] [--sent N] (other signers' requests)
  campaign NAME      what takes longer than CI may: kill9 [--seed N] [--rounds N],
                     differential [--cases N] [--seed N], universe, compare, seeded,
                     mutants [--shard K/N] [--only WORD] [--in-diff FILE],
                     fuzz [--seconds N] [--target NAME]
  bench              measures a release build, writes docs/performance.md: --quick, --large, --cold;
                     bench --policy: the policy engine and `policy test`; bench --record: the record
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["check"] => check::run(check::Tests::Run),
        ["check", "--after-tests"] => check::run(check::Tests::Passed),
        ["map", ..] => map::run(),
        ["codegen", rest @ ..] => codegen::run(rest).map_err(|error| vec![error.to_string()]),
        ["tidy", ..] => tidy::run(),
        ["corpus", rest @ ..] => corpus::run(rest),
        ["supply", ..] => supply::run(),
        ["conformance", rest @ ..] => conformance::run(rest),
        ["campaign", rest @ ..] => campaign::run(rest),
        ["bench", rest @ ..] => bench::run(rest),
        ["--help" | "-h" | "help"] | [] => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        [other, ..] => {
            eprintln!("`{other}` is not a chore\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(findings) => {
            for finding in &findings {
                eprintln!("{finding}");
            }
            eprintln!("{} finding(s)", findings.len());
            ExitCode::FAILURE
        }
    }
}

/// What a chore found wrong: one line each.
type Findings = Vec<String>;
