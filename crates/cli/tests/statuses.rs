//! How verbs end: the exit statuses that other programs rely on.
#![cfg(test)]

mod command;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use command::{Ran, run_with};

/// A server that answers one request and tells what it was.
fn answering(status: &str, body: &str) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut buffer = [0_u8; 4096];
        loop {
            let read = stream.read(&mut buffer).unwrap();
            request.extend_from_slice(&buffer[..read]);
            let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.trim().parse().unwrap()) {
                break;
            }
        }
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8(request).unwrap()
    });
    (endpoint, served)
}

/// A home with AWS files in it.
fn home(config: &str, credentials: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let aws = home.path().join(".aws");
    std::fs::create_dir(&aws).unwrap();
    std::fs::write(aws.join("config"), config).unwrap();
    std::fs::write(aws.join("credentials"), credentials).unwrap();
    home
}

const KEYS: &str = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\n\
                    aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n";

fn whoami(home: &Path, words: &[&str], more: &[(&str, &Path)]) -> Ran {
    let words: Vec<&str> = ["whoami"].into_iter().chain(words.iter().copied()).collect();
    let variables: Vec<(&str, &Path)> =
        [("HOME", home)].into_iter().chain(more.iter().copied()).collect();
    run_with(&words, "", &variables)
}

const WHO: &str = r#"{"arn": "arn:aws:iam::111122223333:user/ana", "account": "111122223333",
    "user_id": "AIDAAAAAAAAAAAAAAAAAA", "human": null}"#;

#[test]
fn an_answer_is_status_0_and_the_request_was_signed() {
    let (endpoint, served) = answering("200 OK", WHO);
    let home = home("", &format!("[default]\n{KEYS}"));
    let ran = whoami(home.path(), &["--endpoint", &endpoint], &[]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.out.contains("arn      arn:aws:iam::111122223333:user/ana"), "{}", ran.out);
    let request = served.join().unwrap().to_ascii_lowercase();
    assert!(request.starts_with("get /-/v1/whoami"), "{request}");
    assert!(request.contains("credential=akiaiosfodnn7example/"), "{request}");
    assert!(request.contains("/strongroom/aws4_request"), "{request}");
}

#[test]
fn a_server_that_is_not_there_is_status_3() {
    let home = home("", &format!("[default]\n{KEYS}"));
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ran = whoami(home.path(), &["--endpoint", &format!("http://{gone}")], &[]);
    assert_eq!(ran.status, 3);
    assert!(ran.err.contains("could not be reached"), "{}", ran.err);
}

#[test]
fn a_server_that_refuses_the_caller_is_status_4_and_names_the_decision() {
    let body = r#"{"error": {"code": "AccessDenied", "message": "not allowed", "request_id": "r",
        "decision_id": "01KAZ0Q3V5R8T1W4X7Y0B2D5FG-0", "help": "ask somebody"}}"#;
    let (endpoint, served) = answering("403 Forbidden", body);
    let home = home("", &format!("[default]\n{KEYS}"));
    let ran = whoami(home.path(), &["--endpoint", &endpoint], &[]);
    served.join().unwrap();
    assert_eq!(ran.status, 4);
    assert!(ran.err.contains("strongroom explain 01KAZ0Q3V5R8T1W4X7Y0B2D5FG-0"), "{}", ran.err);
    assert!(ran.err.contains("help: ask somebody"), "{}", ran.err);
}

#[test]
fn no_credentials_and_no_sense_are_status_2() {
    let home = home("", "");
    let ran = whoami(home.path(), &[], &[]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("no credentials"), "{}", ran.err);
    assert_eq!(run_with(&["nonsense"], "", &[]).status, 2);
    assert_eq!(run_with(&["--help"], "", &[]).status, 0);
    assert_eq!(run_with(&["version", "--json"], "", &[]).status, 0);
}

#[test]
fn the_profile_names_keys_and_endpoint() {
    let (endpoint, served) = answering("200 OK", WHO);
    let config = format!("[profile ana]\nendpoint_url = {endpoint}\n");
    let home = home(&config, &format!("[ana]\n{KEYS}"));
    let ran = whoami(home.path(), &["--profile", "ana"], &[]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    served.join().unwrap();
}

#[test]
fn variables_outrank_the_profile() {
    let (endpoint, served) = answering("200 OK", WHO);
    let home = home("", &format!("[default]\n{KEYS}"));
    let ran = whoami(
        home.path(),
        &["--endpoint", &endpoint],
        &[
            ("AWS_ACCESS_KEY_ID", Path::new("AKIAVARIABLE12345678")),
            ("AWS_SECRET_ACCESS_KEY", Path::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")),
            ("AWS_SESSION_TOKEN", Path::new("a-token")),
        ],
    );
    assert_eq!(ran.status, 0, "{}", ran.err);
    let request = served.join().unwrap();
    assert!(request.contains("Credential=AKIAVARIABLE12345678/"), "{request}");
    assert!(request.to_ascii_lowercase().contains("x-amz-security-token: a-token"), "{request}");
}

#[test]
fn a_credential_process_is_asked_last() {
    let (endpoint, served) = answering("200 OK", WHO);
    let printed = concat!(
        r#"{"Version":1,"AccessKeyId":"ASIAPROCESS123456789","SessionToken":"t","#,
        r#""SecretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}"#
    );
    let config = format!("[default]\ncredential_process = echo '{printed}'\n");
    let home = home(&config, "");
    let ran = whoami(home.path(), &["--endpoint", &endpoint], &[]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(served.join().unwrap().contains("Credential=ASIAPROCESS123456789/"));
}

#[test]
fn a_login_writes_a_profile_that_renews_itself_and_that_only_its_owner_reads() {
    let body = "<AssumeRoleWithWebIdentityResponse><Credentials>\
        <AccessKeyId>ASIALOGIN12345678901</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>\
        <SessionToken>token</SessionToken><Expiration>2026-01-01T00:15:00Z</Expiration>\
        </Credentials></AssumeRoleWithWebIdentityResponse>";
    let (endpoint, served) = answering("200 OK", body);
    let home = home("[default]\nregion = x\n", "");
    let token = home.path().join("token");
    std::fs::write(&token, "a.b.c\n").unwrap();
    let words = ["login", "--endpoint", &endpoint, "--profile", "ana", "--token-file"];
    let words: Vec<&str> = words.into_iter().chain([token.to_str().unwrap()]).collect();
    let ran = run_with(&words, "", &[("HOME", home.path())]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let request = served.join().unwrap();
    assert!(request.contains("WebIdentityToken=a.b.c"), "{request}");
    assert!(!request.to_ascii_lowercase().contains("authorization:"), "{request}");
    let file = home.path().join(".aws/config");
    let config = std::fs::read_to_string(&file).unwrap();
    assert!(config.contains("[default]\nregion = x"), "{config}");
    assert!(config.contains("[profile ana]") && config.contains("credential_process"), "{config}");
    let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&file).unwrap());
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_directory_that_is_not_there_is_not_made() {
    let home = tempfile::tempdir().unwrap();
    let gone: PathBuf = home.path().join("gone");
    let gone_text = gone.to_str().unwrap();
    for words in [
        vec!["verify", gone_text],
        vec!["root", "reset", gone_text],
        vec!["audit", "verify", "--dir", gone_text],
        vec!["audit", "search", "--dir", gone_text],
        vec!["restore", gone_text, gone_text],
    ] {
        let ran = run_with(&words, "", &[]);
        assert_eq!(ran.status, 2, "{words:?}: {}", ran.err);
        assert!(!gone.exists());
    }
}

#[test]
fn the_configuration_is_shown_with_origins_and_checked_as_a_whole() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("strongroom.toml");
    let dir = data.path().to_str().unwrap();
    std::fs::write(&file, "[listen]\napi = \"127.0.0.1:1234\"\n").unwrap();
    let ran = run_with(&["config", "show", dir, "--json"], "", &[]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let line = ran.out.lines().find(|line| line.contains("\"listen.api\"")).unwrap();
    assert!(line.contains("127.0.0.1:1234") && line.contains("\"file\""), "{line}");
    let variable = [("STRONGROOM_LISTEN_API", Path::new("127.0.0.1:99"))];
    let ran = run_with(&["config", "show", dir, "--json"], "", &variable);
    assert!(ran.out.contains("127.0.0.1:99"), "{}", ran.out);
    assert_eq!(run_with(&["config", "check", dir], "", &[]).status, 0);
    let open = run_with(&["config", "check", dir, "--listen", "0.0.0.0:9000"], "", &[]);
    assert_eq!(open.status, 1);
    assert!(open.out.contains("not loopback"), "{}", open.out);
    std::fs::write(&file, "[listen]\napo = 1\n").unwrap();
    let slip = run_with(&["config", "check", dir], "", &[]);
    assert_eq!(slip.status, 2);
    assert!(slip.err.contains("did you mean `listen.api`"), "{}", slip.err);
}

/// oracle: secrets
#[test]
fn sec_12_a_redirect_takes_no_credential_elsewhere() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let other = elsewhere.local_addr().unwrap();
    let home = home("", &format!("[default]\n{KEYS}aws_session_token = a-token-of-a-session\n"));
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"] {
        let moved = format!("{status}\r\nlocation: http://{other}/-/v1/whoami");
        let (endpoint, served) = answering(&moved, "");
        let ran = whoami(home.path(), &["--endpoint", &endpoint], &[]);
        let asked = served.join().unwrap();
        assert!(asked.contains("a-token-of-a-session"), "{asked}");
        assert_ne!(ran.status, 0, "{status}");
        let came = elsewhere.accept().map(drop).unwrap_err();
        assert_eq!(came.kind(), std::io::ErrorKind::WouldBlock, "{status}");
        for shown in [&ran.out, &ran.err] {
            assert!(!shown.contains("a-token-of-a-session"), "{shown}");
        }
    }
}

/// A sign-in that was kept for a profile, until then.
fn kept(home: &Path, profile: &str, expiration: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = home.join(".config/strongroom/logins");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(format!("{profile}.json"));
    let session = r#"{"provider": null, "role": null, "name": "s", "seconds": 900}"#;
    let credentials = format!(
        r#"{{"access_key_id": "ASIAKEPT", "secret_access_key": "s", "session_token": "t",
             "expiration": "{expiration}"}}"#
    );
    let text = format!(
        r#"{{"v": 1, "endpoint": "http://127.0.0.1:1", "session": {session}, "issuer": null,
             "credentials": {credentials}}}"#
    );
    std::fs::write(&file, text).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    file
}

#[test]
fn a_sign_in_that_lives_is_printed_as_sdks_read_it_and_one_that_ended_is_not() {
    let home = home("", "");
    kept(home.path(), "ana", "2099-01-01T00:00:00Z");
    kept(home.path(), "bo", "2020-01-01T00:00:00Z");
    let run = |profile: &str| {
        let words = ["credential-process", "--profile", profile];
        run_with(&words, "", &[("HOME", home.path())])
    };
    let lives = run("ana");
    assert_eq!(lives.status, 0, "{}", lives.err);
    let printed: serde_json::Value = serde_json::from_str(&lives.out).unwrap();
    let expected = serde_json::json!({"Version": 1, "AccessKeyId": "ASIAKEPT",
        "SecretAccessKey": "s", "SessionToken": "t", "Expiration": "2099-01-01T00:00:00Z"});
    assert_eq!(printed, expected);
    let ended = run("bo");
    assert_eq!((ended.status, ended.out.as_str()), (4, ""));
    assert!(ended.err.contains("strongroom login --profile bo"), "{}", ended.err);
    let nobody = run("carol");
    assert_eq!(nobody.status, 2);
    assert!(nobody.err.contains("strongroom login --profile carol"), "{}", nobody.err);
}

#[test]
fn who_signs_out_is_forgotten_with_their_profile_and_nobody_else_is() {
    let config = "[profile ana]\ncredential_process = x\n[profile bo]\nregion = y\n";
    let home = home(config, "[bo]\naws_access_key_id = a\n");
    let file = kept(home.path(), "ana", "2099-01-01T00:00:00Z");
    let words = ["logout", "--profile", "ana"];
    let ran = run_with(&words, "", &[("HOME", home.path())]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(!file.exists());
    let left = std::fs::read_to_string(home.path().join(".aws/config")).unwrap();
    assert!(!left.contains("ana") && left.contains("[profile bo]"), "{left}");
    assert_eq!(run_with(&words, "", &[("HOME", home.path())]).status, 2);
}
