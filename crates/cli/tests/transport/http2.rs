//! S3 over HTTP/2 means what it means over HTTP/1.1.

use bytes::Bytes;

use crate::caller::{Ask, Http2, credentials, root, whole};
use crate::server::Server;

#[tokio::test]
async fn objects_are_written_read_and_removed_over_http_2() {
    let server = Server::secure(&[]);
    let (client, root) = (Http2::to(&server).await, root());
    assert_eq!(client.send(&Ask::s3("PUT", "/home"), &root).await.status, 200);
    let put = Ask::s3("PUT", "/home/a%20key").body("content");
    let put = client.send(&put, &root).await;
    assert_eq!(put.status, 200, "{put:?}");
    let etag = put.headers["etag"].to_str().unwrap().to_owned();

    let got = client.send(&Ask::s3("GET", "/home/a%20key"), &root).await;
    assert_eq!((got.status, got.body.as_str()), (200, "content"));
    assert_eq!(got.headers["content-length"], "7");
    assert!(got.headers.contains_key("x-amz-request-id"));
    for forbidden in ["connection", "keep-alive", "transfer-encoding"] {
        assert!(!got.headers.contains_key(forbidden), "{forbidden}");
    }

    let head = client.send(&Ask::s3("HEAD", "/home/a%20key"), &root).await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.headers["content-length"], "7", "the length of what GET would bring");

    let same = Ask::s3("GET", "/home/a%20key").with("if-none-match", &etag);
    let same = client.send(&same, &root).await;
    assert_eq!((same.status, same.body.as_str()), (304, ""));

    let part = Ask::s3("GET", "/home/a%20key").with("range", "bytes=3-");
    let part = client.send(&part, &root).await;
    assert_eq!((part.status, part.body.as_str()), (206, "tent"));

    let gone = client.send(&Ask::s3("DELETE", "/home/a%20key"), &root).await;
    assert_eq!((gone.status, gone.body.as_str()), (204, ""));
    let missing = client.send(&Ask::s3("GET", "/home/a%20key"), &root).await;
    assert_eq!((missing.status, missing.element("Code").as_str()), (404, "NoSuchKey"));
    let missing = client.send(&Ask::s3("HEAD", "/home/a%20key"), &root).await;
    assert_eq!((missing.status, missing.body.as_str()), (404, ""));
}

#[tokio::test]
async fn forms_and_big_bodies_come_over_http_2_too() {
    let server = Server::secure(&[]);
    let (client, root) = (Http2::to(&server).await, root());
    let made = client.send(&Ask::iam("CreateUser", "UserName=alice"), &root).await;
    assert_eq!(made.status, 200, "{made:?}");
    client.send(&Ask::s3("PUT", "/home"), &root).await;
    let big = Bytes::from(vec![7; 5 * 1024 * 1024]);
    let put = client.send(&Ask::s3("PUT", "/home/big").body(big.clone()), &root).await;
    assert_eq!(put.status, 200, "{put:?}");
    let parts = Ask::s3("GET", "/home/big").signed(&client.authority, &root);
    let body = client.begin(parts, Bytes::new()).await.unwrap().into_body();
    assert_eq!(whole(body).await.unwrap().len(), big.len());
}

#[tokio::test]
async fn the_authority_is_the_host_that_was_signed() {
    let server = Server::secure(&[]);
    let (client, root) = (Http2::to(&server).await, root());
    assert_eq!(client.send(&Ask::s3("GET", "/"), &root).await.status, 200);
    let mut parts = Ask::s3("GET", "/").signed("store.example", &root);
    let fine = client.begin(parts.clone(), Bytes::new()).await.unwrap();
    assert_eq!(fine.status(), 200, "any host, if it is the one that was signed");
    parts.uri = "https://other.example/".parse().unwrap();
    parts.headers.remove("host");
    let refused = client.begin(parts.clone(), Bytes::new()).await.unwrap();
    assert_eq!(refused.status(), 403);
    // A second host beside the first one.
    let mut parts = Ask::s3("GET", "/").signed("store.example", &root);
    parts.headers.insert("host", "other.example".parse().unwrap());
    let refused = client.begin(parts, Bytes::new()).await;
    assert!(refused.is_err() || refused.is_ok_and(|answer| answer.status().is_client_error()));
}

#[tokio::test]
async fn a_body_that_is_not_what_was_signed_is_not_stored() {
    let server = Server::secure(&[]);
    let (client, root) = (Http2::to(&server).await, root());
    client.send(&Ask::s3("PUT", "/home"), &root).await;
    let ask = Ask::s3("PUT", "/home/key").body("content");
    let parts = ask.signed(&client.authority, &root);
    let refused = client.begin(parts, Bytes::from_static(b"contents")).await.unwrap();
    assert!(refused.status().is_client_error(), "{refused:?}");
    assert_eq!(client.send(&Ask::s3("GET", "/home/key"), &root).await.status, 404);
}

#[tokio::test]
async fn a_revoked_key_cuts_its_transfers_off_and_nobody_elses() {
    let server = Server::secure(&[]);
    let (client, root) = (Http2::to(&server).await, root());
    client.send(&Ask::s3("PUT", "/home"), &root).await;
    let big = Bytes::from(vec![7; 24 * 1024 * 1024]);
    assert_eq!(client.send(&Ask::s3("PUT", "/home/big").body(big), &root).await.status, 200);
    client.send(&Ask::iam("CreateUser", "UserName=alice"), &root).await;
    let policy = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22\
        Allow%22%2C%22Action%22%3A%22s3%3A%2A%22%2C%22Resource%22%3A%22%2A%22%7D%7D";
    let fields = format!("UserName=alice&PolicyName=all&PolicyDocument={policy}");
    assert_eq!(client.send(&Ask::iam("PutUserPolicy", &fields), &root).await.status, 200);
    let key = client.send(&Ask::iam("CreateAccessKey", "UserName=alice"), &root).await;
    let alice = credentials(&key.element("AccessKeyId"), &key.element("SecretAccessKey"));

    // Two transfers on one connection, neither read yet.
    let begin = async |by| {
        let parts = Ask::s3("GET", "/home/big").signed(&client.authority, by);
        client.begin(parts, Bytes::new()).await.unwrap().into_body()
    };
    let (hers, ours) = (begin(&alice).await, begin(&root).await);
    let fields = format!("UserName=alice&AccessKeyId={}", alice.access_key_id);
    let other = Http2::to(&server).await;
    assert_eq!(other.send(&Ask::iam("DeleteAccessKey", &fields), &root).await.status, 200);
    let (hers, ours) = tokio::join!(whole(hers), whole(ours));
    let cut = hers.unwrap_err();
    assert!(cut.is_reset(), "reset, not ended: {cut}");
    assert_eq!(ours.unwrap().len(), 24 * 1024 * 1024);
}
