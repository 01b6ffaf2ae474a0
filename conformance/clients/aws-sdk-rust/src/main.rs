//! The AWS SDK for Rust, with the credential that its own chain finds.

use std::collections::BTreeSet;
use std::env;
use std::error::Error;
use std::fmt::Debug;
use std::fs;
use std::time::Duration;

use aws_sdk_s3::error::DisplayErrorContext;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart, Delete, ObjectIdentifier};

// The job, as job.py says.
const KEY: &str = "a b/ü+&=%41#'.bin";
const LARGE: &str = "large.bin";
const COPY: &str = "copies/the copy (1).bin";
const SENT: &str = "sent/by link.bin";
const LISTED: [&str; 2] = ["list/one", "list/two"];
const DEEP: &str = "list/deep/three";
const THOUSANDS: usize = 1100;
const PART_BYTES: usize = 5 * 1024 * 1024;
const BEGIN: usize = 5_242_000;
const END: usize = 5_243_999;
const SAID_CHARACTERS_MAX: usize = 200;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

struct Job {
    s3: aws_sdk_s3::Client,
    bucket: String,
    small: Vec<u8>,
    large: Vec<u8>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let work = env::var("WORK")?;
    let s3 = aws_sdk_s3::Client::new(&aws_config::load_from_env().await);
    let job = Job {
        s3,
        bucket: env::var("BUCKET")?,
        small: fs::read(format!("{work}/small"))?,
        large: fs::read(format!("{work}/large"))?,
    };
    tell(&["version", aws_sdk_s3::meta::PKG_VERSION]);
    does("make bucket", job.make_bucket().await);
    does("put", job.put_and_head().await);
    does("multipart", job.multipart().await);
    does("get", job.get().await);
    does("range", job.range().await);
    does("list", job.list().await);
    does("pages", job.pages().await);
    does("presign get", job.presign_get().await);
    does("presign put", job.presign_put().await);
    does("copy", job.copy().await);
    does("delete", job.delete().await);
    Ok(())
}

fn tell(fields: &[&str]) {
    let fields: Vec<String> =
        fields.iter().map(|field| field.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    println!("{}", fields.join("\t"));
}

/// Tells how an operation went.
fn does(operation: &str, outcome: Outcome) {
    match outcome {
        Ok(()) => tell(&["ok", operation]),
        Err(error) => {
            tell(&["failed", operation, &DisplayErrorContext(error.as_ref()).to_string()]);
        }
    }
}

fn same<T: PartialEq + Debug>(actual: &T, expected: &T) -> Outcome {
    if actual == expected {
        return Ok(());
    }
    let short = |value| format!("{value:?}").chars().take(SAID_CHARACTERS_MAX).collect::<String>();
    Err(format!("{}, not {}", short(actual), short(expected)).into())
}

impl Job {
    async fn make_bucket(&self) -> Outcome {
        self.s3.create_bucket().bucket(&self.bucket).send().await?;
        Ok(())
    }

    async fn put(&self, key: &str, body: &[u8]) -> Outcome {
        let body = ByteStream::from(body.to_vec());
        let put = self.s3.put_object().bucket(&self.bucket).key(key).body(body);
        put.metadata("colour", "blue").send().await?;
        Ok(())
    }

    async fn read(&self, key: &str, range: Option<String>) -> Outcome<Vec<u8>> {
        let get = self.s3.get_object().bucket(&self.bucket).key(key).set_range(range);
        Ok(get.send().await?.body.collect().await?.to_vec())
    }

    async fn put_and_head(&self) -> Outcome {
        self.put(KEY, &self.small).await?;
        let head = self.s3.head_object().bucket(&self.bucket).key(KEY).send().await?;
        let colour = head.metadata().and_then(|metadata| metadata.get("colour"));
        same(&colour.map(String::as_str), &Some("blue"))
    }

    async fn multipart(&self) -> Outcome {
        let made = self.s3.create_multipart_upload().bucket(&self.bucket).key(LARGE).send().await?;
        let mut done = CompletedMultipartUpload::builder();
        for (number, part) in (1..).zip(self.large.chunks(PART_BYTES)) {
            let sent = self.s3.upload_part().bucket(&self.bucket).key(LARGE);
            let sent = sent.set_upload_id(made.upload_id.clone()).part_number(number);
            let sent = sent.body(ByteStream::from(part.to_vec())).send().await?;
            let part = CompletedPart::builder().part_number(number).set_e_tag(sent.e_tag);
            let part = part.set_checksum_crc32(sent.checksum_crc32);
            done = done.parts(part.build());
        }
        let complete = self.s3.complete_multipart_upload().bucket(&self.bucket).key(LARGE);
        let complete = complete.set_upload_id(made.upload_id).multipart_upload(done.build());
        let made = complete.send().await?;
        same(&made.e_tag().is_some_and(|tag| tag.ends_with("-4\"")), &true)
    }

    async fn get(&self) -> Outcome {
        same(&self.read(KEY, None).await?, &self.small)?;
        same(&self.read(LARGE, None).await?, &self.large)
    }

    async fn range(&self) -> Outcome {
        let got = self.read(LARGE, Some(format!("bytes={BEGIN}-{END}"))).await?;
        same(&Some(got.as_slice()), &self.large.get(BEGIN..=END))
    }

    async fn list(&self) -> Outcome {
        for name in LISTED.into_iter().chain([DEEP]) {
            self.put(name, b"x").await?;
        }
        let ask = self.s3.list_objects_v2().bucket(&self.bucket).prefix("list/").delimiter("/");
        let found = ask.send().await?;
        let keys: Vec<_> = found.contents().iter().filter_map(|object| object.key()).collect();
        same(&keys, &LISTED.to_vec())?;
        let deeper = found.common_prefixes().first().and_then(|prefix| prefix.prefix());
        same(&deeper, &Some("list/deep/"))
    }

    async fn pages(&self) -> Outcome {
        let mut pages = self.s3.list_objects_v2().bucket("thousands").into_paginator().send();
        let mut found = BTreeSet::new();
        while let Some(page) = pages.next().await {
            found.extend(page?.contents().iter().filter_map(|object| object.key().map(str::to_owned)));
        }
        same(&found.len(), &THOUSANDS)
    }

    async fn presign_get(&self) -> Outcome {
        let minute = PresigningConfig::expires_in(Duration::from_secs(60))?;
        let link = self.s3.get_object().bucket(&self.bucket).key(KEY).presigned(minute).await?;
        let mut answer = ureq::get(link.uri()).call()?;
        same(&answer.body_mut().read_to_vec()?, &self.small)
    }

    async fn presign_put(&self) -> Outcome {
        let minute = PresigningConfig::expires_in(Duration::from_secs(60))?;
        let link = self.s3.put_object().bucket(&self.bucket).key(SENT).presigned(minute).await?;
        ureq::put(link.uri()).send("by link")?;
        same(&self.read(SENT, None).await?.as_slice(), &b"by link".as_slice())
    }

    async fn copy(&self) -> Outcome {
        // The SDK sends the source as it is given.
        let escaped: String = KEY.bytes().map(escaped).collect();
        let copy = self.s3.copy_object().bucket(&self.bucket).key(COPY);
        copy.copy_source(format!("{}/{escaped}", self.bucket)).send().await?;
        same(&self.read(COPY, None).await?, &self.small)
    }

    async fn delete(&self) -> Outcome {
        self.s3.delete_object().bucket(&self.bucket).key(KEY).send().await?;
        let found = self.s3.list_objects_v2().bucket(&self.bucket).send().await?;
        let mut rest = Delete::builder();
        for key in found.contents().iter().filter_map(|object| object.key()) {
            rest = rest.objects(ObjectIdentifier::builder().key(key).build()?);
        }
        let deleted = self.s3.delete_objects().bucket(&self.bucket).delete(rest.build()?);
        same(&deleted.send().await?.errors().len(), &0)?;
        self.s3.delete_bucket().bucket(&self.bucket).send().await?;
        Ok(())
    }
}

fn escaped(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    }
}
