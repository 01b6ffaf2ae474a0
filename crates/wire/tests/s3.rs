#![cfg(test)]
//! S3 messages: what AWS documents for each operation, and its malformed neighbours.

use names::Timestamp;
use strongroom_wire::s3::*;
use strongroom_wire::{
    Fault, METADATA_BYTES_MAX, Parts, Payload, Place, QUERY_PARAMETERS_MAX, Response, RestOutput,
    RestRequest, Target, WireError,
};

type Pairs<'a> = &'a [(&'a str, &'a str)];

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const XMLNS: &str = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";

fn parse<R: RestRequest>(
    path: &str,
    query: Pairs<'_>,
    headers: Pairs<'_>,
    body: &str,
) -> Result<R, WireError> {
    let target = Target::parse(path).unwrap();
    let parts = Parts::new(target, query.iter().copied(), headers.iter().copied())?;
    R::parse(&parts.with_body(body.as_bytes()))
}

fn fault<R: RestRequest>(
    path: &str,
    query: Pairs<'_>,
    headers: Pairs<'_>,
    body: &str,
) -> (Place, String, Fault) {
    match parse::<R>(path, query, headers, body).err().unwrap() {
        WireError::Member { place, member, fault } => (place, member.into_owned(), fault),
        other => panic!("{other:?}"),
    }
}

fn body(response: Response) -> String {
    response.body.unwrap().strip_prefix(HEAD).unwrap().replace(XMLNS, "@")
}

fn time() -> Timestamp {
    Timestamp::from_millis(1_767_323_045_678).unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    std::str::from_utf8(response.headers[name].as_bytes()).unwrap()
}

// --- objects ---

#[test]
fn get_object_reads_every_place() {
    let request: GetObjectRequest = parse(
        "/finance/a b/c",
        &[("versionId", "v1"), ("partNumber", "3"), ("x-id", "GetObject")],
        &[
            ("If-None-Match", "\"e\""),
            ("if-modified-since", "Fri, 02 Jan 2026 03:04:05 GMT"),
            ("range", "bytes=0-9"),
            ("x-amz-checksum-mode", "ENABLED"),
        ],
        "",
    )
    .unwrap();
    assert_eq!((request.bucket.as_str(), request.key.as_str()), ("finance", "a b/c"));
    assert_eq!(request.version_id.as_deref(), Some("v1"));
    assert_eq!(request.part_number, Some(3));
    assert_eq!(request.if_none_match.as_deref(), Some("\"e\""));
    assert_eq!(request.if_modified_since.unwrap().iso_seconds(), "2026-01-02T03:04:05Z");
    assert_eq!(request.range.as_deref(), Some("bytes=0-9"));
    assert_eq!(request.checksum_mode.as_deref(), Some("ENABLED"));
    assert_eq!(request.if_match, None);
}

#[test]
fn get_object_refuses_what_the_model_does_not_allow() {
    type R = GetObjectRequest;
    let kind = |kind| Fault::Kind { kind };
    assert_eq!(
        fault::<R>("/b/k", &[("partNumber", "1x")], &[], ""),
        (Place::Query, "partNumber".into(), kind("an integer"))
    );
    assert_eq!(
        fault::<R>("/b/k", &[], &[("if-modified-since", "soon")], ""),
        (Place::Header, "If-Modified-Since".into(), kind("a time"))
    );
    assert_eq!(fault::<R>("/b", &[], &[], ""), (Place::Label, "Key".into(), Fault::Missing));
    assert_eq!(
        fault::<R>("/b/k", &[], &[("range", "bytes=0-1"), ("Range", "bytes=5-6")], ""),
        (Place::Header, "Range".into(), Fault::Duplicate)
    );
    let choice = fault::<R>("/b/k", &[], &[("x-amz-checksum-mode", "on")], "");
    assert_eq!(choice.2, Fault::Choice { allowed: &["ENABLED"] });
}

#[test]
fn a_query_parameter_given_twice_is_refused_even_in_another_case() {
    for twice in
        [[("versionId", "1"), ("versionId", "1")], [("versionId", "1"), ("versionid", "2")]]
    {
        let refused = fault::<GetObjectRequest>("/b/k", &twice, &[], "");
        assert_eq!((refused.0, refused.2), (Place::Query, Fault::Duplicate));
    }
    assert!(parse::<GetObjectRequest>("/b/k", &[("versionId", "1")], &[], "").is_ok());
}

#[test]
fn a_reflected_header_cannot_split_the_answer() {
    for value in ["a\r\nSet-Cookie: x", "a\0", "a\n"] {
        let refused =
            fault::<GetObjectRequest>("/b/k", &[("response-content-type", value)], &[], "");
        assert_eq!(refused.2, Fault::Characters);
        let output = GetObjectOutput { content_type: Some(value.to_owned()), ..Default::default() };
        assert!(output.to_response().headers.is_empty());
    }
    assert!(
        parse::<GetObjectRequest>("/b/k", &[("response-content-type", "text/csv")], &[], "")
            .is_ok()
    );
}

#[test]
fn put_object_reads_metadata_by_its_prefix() {
    let request: PutObjectRequest = parse(
        "/b/k",
        &[],
        &[
            ("X-Amz-Meta-Owner", "ana"),
            ("x-amz-meta-", "nameless"),
            ("content-length", "12"),
            ("expires", "0"),
            ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA="),
            ("x-amz-tagging", "a=b"),
        ],
        "not read",
    )
    .unwrap();
    assert_eq!(request.metadata.into_iter().collect::<Vec<_>>(), [("owner".into(), "ana".into())]);
    assert_eq!(request.content_length, Some(12));
    assert_eq!(request.expires.as_deref(), Some("0"));
    assert_eq!(request.checksum_crc64nvme.as_deref(), Some("AAAAAAAAAAA="));
    assert_eq!(request.tagging.as_deref(), Some("a=b"));
    assert_eq!(PutObjectRequest::ROUTE.payload, Payload::Stream);
}

#[test]
fn metadata_at_its_limit_is_taken_and_one_byte_past_it_is_not() {
    let put = |bytes: usize| {
        let value = "v".repeat(bytes - 1);
        parse::<PutObjectRequest>("/b/k", &[], &[("x-amz-meta-n", &value)], "").map(drop)
    };
    assert_eq!(put(METADATA_BYTES_MAX), Ok(()));
    let past = METADATA_BYTES_MAX + 1;
    assert_eq!(put(past), Err(WireError::Metadata { bytes: past }));
}

#[test]
fn query_parameters_at_their_limit_are_taken_and_one_past_it_is_not() {
    let names: Vec<String> = (0..=QUERY_PARAMETERS_MAX).map(|i| format!("p{i}")).collect();
    let pairs: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    let (at, _) = pairs.split_at(QUERY_PARAMETERS_MAX);
    assert!(parse::<ListBucketsRequest>("/", at, &[], "").is_ok());
    let past = parse::<ListBucketsRequest>("/", &pairs, &[], "");
    assert_eq!(past.err(), Some(WireError::QueryParameters));
}

#[test]
fn get_object_answers_in_headers_alone() {
    let output = GetObjectOutput {
        content_length: Some(5),
        content_type: Some("text/plain".into()),
        etag: Some("\"e\"".into()),
        last_modified: Some(time()),
        metadata: [("owner".into(), "ana".into()), ("bad name".into(), "x".into())].into(),
        ..Default::default()
    };
    let response = output.to_response();
    assert_eq!((response.status, &response.body), (200, &None));
    assert_eq!(header(&response, "last-modified"), "Fri, 02 Jan 2026 03:04:05 GMT");
    assert_eq!(header(&response, "etag"), "\"e\"");
    assert_eq!(header(&response, "content-length"), "5");
    assert_eq!(header(&response, "x-amz-meta-owner"), "ana");
    assert_eq!(header(&response, "x-amz-missing-meta"), "1");
}

#[test]
fn secrets_do_not_print() {
    let headers = [("x-amz-server-side-encryption-customer-key", "c2VjcmV0")];
    let request: PutObjectRequest = parse("/b/k", &[], &headers, "").unwrap();
    assert_eq!(request.sse_customer_key.as_ref().unwrap().expose(), "c2VjcmV0");
    assert!(!format!("{request:?}").contains("c2VjcmV0"));
}

#[test]
fn head_and_delete_object_answer_without_a_body() {
    let head = HeadObjectOutput { delete_marker: Some(true), ..Default::default() };
    assert_eq!(header(&head.to_response(), "x-amz-delete-marker"), "true");
    assert_eq!(head.to_response().body, None);
    let deleted = DeleteObjectOutput { version_id: Some("v".into()), ..Default::default() };
    assert_eq!((deleted.to_response().status, deleted.to_response().body), (204, None));
    assert!(parse::<HeadObjectRequest>("/b/k", &[], &[], "").is_ok());
    assert!(parse::<DeleteObjectRequest>("/b/k", &[], &[], "").is_ok());
}

#[test]
fn copy_object_answers_with_its_result() {
    let output = CopyObjectOutput {
        copy_object_result: Some(CopyObjectResult {
            etag: Some("\"e\"".into()),
            last_modified: Some(time()),
            ..Default::default()
        }),
        ..Default::default()
    };
    assert_eq!(
        body(output.to_response()),
        "<CopyObjectResult @><ETag>&quot;e&quot;</ETag>\
         <LastModified>2026-01-02T03:04:05.678Z</LastModified></CopyObjectResult>"
    );
    let request: CopyObjectRequest = parse(
        "/b/k",
        &[],
        &[("x-amz-copy-source", "a/b"), ("x-amz-metadata-directive", "COPY")],
        "",
    )
    .unwrap();
    assert_eq!(request.copy_source, "a/b");
    let missing = fault::<CopyObjectRequest>("/b/k", &[], &[], "");
    assert_eq!(missing, (Place::Header, "x-amz-copy-source".into(), Fault::Missing));
}

#[test]
fn object_attributes_are_a_list_in_a_header() {
    let headers = [("x-amz-object-attributes", "ETag, ObjectSize")];
    let request: GetObjectAttributesRequest = parse("/b/k", &[], &headers, "").unwrap();
    assert_eq!(request.object_attributes, ["ETag", "ObjectSize"]);
    let bad = [("x-amz-object-attributes", "ETag,,Nonsense")];
    assert!(parse::<GetObjectAttributesRequest>("/b/k", &[], &bad, "").is_err());
}

// --- multi-delete ---

#[test]
fn delete_objects_reads_keys_and_versions() {
    let request: DeleteObjectsRequest = parse(
        "/b",
        &[("delete", "")],
        &[],
        "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>\
         <Object><Key>a&amp;b &#x1;</Key></Object><Unknown/>\
         <Object><Key>c</Key><VersionId>null</VersionId></Object></Delete>",
    )
    .unwrap();
    assert_eq!(request.delete.quiet, Some(true));
    let keys: Vec<&str> = request.delete.objects.iter().map(|o| o.key.as_str()).collect();
    assert_eq!(keys, ["a&b \u{1}", "c"]);
    assert_eq!(request.delete.objects.last().unwrap().version_id.as_deref(), Some("null"));
    assert_eq!(DeleteObjectsRequest::ROUTE.payload, Payload::Message);
}

#[test]
fn delete_objects_takes_a_thousand_keys_and_no_more() {
    let delete = |count: usize| {
        let body = format!("<Delete>{}</Delete>", "<Object><Key>k</Key></Object>".repeat(count));
        parse::<DeleteObjectsRequest>("/b", &[], &[], &body).map(|r| r.delete.objects.len())
    };
    assert_eq!(delete(1_000), Ok(1_000));
    for (items, refused) in [(0, true), (1, false), (1_001, true)] {
        assert_eq!(delete(items).is_err(), refused, "{items}");
    }
    assert!(matches!(delete(100_000), Err(WireError::Xml(_))));
}

#[test]
fn delete_objects_refuses_malformed_neighbours() {
    let refused = |body: &str| parse::<DeleteObjectsRequest>("/b", &[], &[], body).err().unwrap();
    assert_eq!(refused(""), WireError::NoBody { root: "Delete" });
    assert_eq!(refused("<Deletes/>"), WireError::Root { root: "Delete" });
    for bad in [
        "<Delete>",
        "<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>",
        "<Delete><Object><VersionId>v</VersionId></Object></Delete>",
        "<Delete><Object><Key></Key></Object></Delete>",
        "<Delete><Object><Key><b/></Key></Object></Delete>",
        "<Delete><Quiet>maybe</Quiet><Object><Key>a</Key></Object></Delete>",
        "<!DOCTYPE Delete [<!ENTITY x \"y\">]><Delete><Object><Key>&x;</Key></Object></Delete>",
    ] {
        let _ = refused(bad);
    }
}

#[test]
fn delete_objects_answers_each_item_with_its_verdict() {
    let output = DeleteObjectsOutput {
        deleted: vec![DeletedObject { key: Some("a".into()), ..Default::default() }],
        errors: vec![Error {
            key: Some("b".into()),
            code: Some("AccessDenied".into()),
            message: Some("Access Denied".into()),
            decision_id: Some("0-1".into()),
            ..Default::default()
        }],
        ..Default::default()
    };
    assert_eq!(
        body(output.to_response()),
        "<DeleteResult @><Deleted><Key>a</Key></Deleted><Error><Code>AccessDenied</Code>\
         <DecisionId>0-1</DecisionId><Key>b</Key><Message>Access Denied</Message></Error>\
         </DeleteResult>"
    );
}

// --- listings ---

#[test]
fn list_buckets_answers_an_empty_list_too() {
    let owner = Owner { id: Some("o".into()), ..Default::default() };
    let output = ListBucketsOutput {
        buckets: Some(vec![Bucket {
            name: Some("finance".into()),
            creation_date: Some(time()),
            ..Default::default()
        }]),
        owner: Some(owner.clone()),
        ..Default::default()
    };
    assert_eq!(
        body(output.to_response()),
        "<ListAllMyBucketsResult @><Buckets><Bucket>\
         <CreationDate>2026-01-02T03:04:05.678Z</CreationDate><Name>finance</Name></Bucket>\
         </Buckets><Owner><ID>o</ID></Owner></ListAllMyBucketsResult>"
    );
    let none = ListBucketsOutput { buckets: Some(vec![]), ..Default::default() };
    assert_eq!(
        body(none.to_response()),
        "<ListAllMyBucketsResult @><Buckets></Buckets></ListAllMyBucketsResult>"
    );
    let max = |max| parse::<ListBucketsRequest>("/", &[("max-buckets", max)], &[], "").is_ok();
    assert!(max("1") && max("10000") && !max("0") && !max("10001"));
}

#[test]
fn list_objects_v2_reads_its_parameters_and_answers_flat_lists() {
    let request: ListObjectsV2Request = parse(
        "/b/",
        &[
            ("list-type", "2"),
            ("prefix", "a/"),
            ("delimiter", "/"),
            ("max-keys", "0"),
            ("continuation-token", "t"),
            ("fetch-owner", "true"),
            ("start-after", "a/b"),
            ("encoding-type", "url"),
        ],
        &[],
        "",
    )
    .unwrap();
    assert_eq!(request.prefix.as_deref(), Some("a/"));
    assert_eq!((request.max_keys, request.fetch_owner), (Some(0), Some(true)));
    assert_eq!(ListObjectsV2Request::ROUTE.literals, [("list-type", "2")]);
    let output = ListObjectsV2Output {
        name: Some("b".into()),
        prefix: Some(String::new()),
        max_keys: Some(1),
        key_count: Some(1),
        is_truncated: Some(false),
        contents: vec![Object {
            key: Some("a<b".into()),
            last_modified: Some(time()),
            size: Some(3),
            storage_class: Some("STANDARD".into()),
            checksum_algorithm: vec!["CRC64NVME".into()],
            ..Default::default()
        }],
        common_prefixes: vec![CommonPrefix { prefix: Some("a/".into()) }],
        ..Default::default()
    };
    assert_eq!(
        body(output.to_response()),
        "<ListBucketResult @><CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes><Contents>\
         <ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><Key>a&lt;b</Key>\
         <LastModified>2026-01-02T03:04:05.678Z</LastModified><Size>3</Size>\
         <StorageClass>STANDARD</StorageClass></Contents><IsTruncated>false</IsTruncated>\
         <KeyCount>1</KeyCount><MaxKeys>1</MaxKeys><Name>b</Name><Prefix></Prefix>\
         </ListBucketResult>"
    );
}

#[test]
fn the_other_listings_have_their_own_roots() {
    let v1 = ListObjectsOutput { marker: Some("m".into()), ..Default::default() };
    assert_eq!(body(v1.to_response()), "<ListBucketResult @><Marker>m</Marker></ListBucketResult>");
    let versions = ListObjectVersionsOutput {
        versions: vec![ObjectVersion {
            key: Some("k".into()),
            version_id: Some("null".into()),
            is_latest: Some(true),
            ..Default::default()
        }],
        delete_markers: vec![DeleteMarkerEntry { key: Some("d".into()), ..Default::default() }],
        ..Default::default()
    };
    assert_eq!(
        body(versions.to_response()),
        "<ListVersionsResult @><DeleteMarker><Key>d</Key></DeleteMarker><Version>\
         <IsLatest>true</IsLatest><Key>k</Key><VersionId>null</VersionId></Version>\
         </ListVersionsResult>"
    );
    let uploads = ListMultipartUploadsOutput {
        uploads: vec![MultipartUpload { upload_id: Some("u".into()), ..Default::default() }],
        ..Default::default()
    };
    assert_eq!(
        body(uploads.to_response()),
        "<ListMultipartUploadsResult @><Upload><UploadId>u</UploadId></Upload>\
         </ListMultipartUploadsResult>"
    );
    let parts = ListPartsOutput {
        parts: vec![Part { part_number: Some(1), size: Some(5), ..Default::default() }],
        ..Default::default()
    };
    assert_eq!(
        body(parts.to_response()),
        "<ListPartsResult @><Part><PartNumber>1</PartNumber><Size>5</Size></Part>\
         </ListPartsResult>"
    );
}

// --- multipart ---

#[test]
fn a_multipart_upload_goes_through_its_messages() {
    let created = CreateMultipartUploadOutput {
        bucket: Some("b".into()),
        key: Some("k".into()),
        upload_id: Some("u".into()),
        ..Default::default()
    };
    assert_eq!(
        body(created.to_response()),
        "<InitiateMultipartUploadResult @><Bucket>b</Bucket><Key>k</Key><UploadId>u</UploadId>\
         </InitiateMultipartUploadResult>"
    );
    let query = [("partNumber", "1"), ("uploadId", "u")];
    let part: UploadPartRequest = parse("/b/k", &query, &[], "").unwrap();
    assert_eq!((part.part_number, part.upload_id.as_str()), (1, "u"));
    let missing = fault::<UploadPartRequest>("/b/k", &[("partNumber", "1")], &[], "");
    assert_eq!(missing, (Place::Query, "uploadId".into(), Fault::Missing));
    let copied = UploadPartCopyOutput {
        copy_part_result: Some(CopyPartResult { etag: Some("e".into()), ..Default::default() }),
        ..Default::default()
    };
    assert_eq!(body(copied.to_response()), "<CopyPartResult @><ETag>e</ETag></CopyPartResult>");
    let complete: CompleteMultipartUploadRequest = parse(
        "/b/k",
        &[("uploadId", "u")],
        &[("if-none-match", "*")],
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&quot;e&quot;</ETag>\
         <ChecksumCRC32>AAAAAA==</ChecksumCRC32></Part></CompleteMultipartUpload>",
    )
    .unwrap();
    let parts = complete.multipart_upload.unwrap().parts;
    assert_eq!(parts.first().unwrap().etag.as_deref(), Some("\"e\""));
    assert_eq!(parts.first().unwrap().checksum_crc32.as_deref(), Some("AAAAAA=="));
    let completed =
        CompleteMultipartUploadOutput { etag: Some("e-1".into()), ..Default::default() };
    assert_eq!(
        body(completed.to_response()),
        "<CompleteMultipartUploadResult @><ETag>e-1</ETag></CompleteMultipartUploadResult>"
    );
    assert_eq!(AbortMultipartUploadOutput::default().to_response().status, 204);
}

#[test]
fn a_completion_takes_ten_thousand_parts_and_no_more() {
    let complete = |count: usize| {
        let part = "<Part><PartNumber>1</PartNumber><ETag>e</ETag></Part>".repeat(count);
        let body = format!("<CompleteMultipartUpload>{part}</CompleteMultipartUpload>");
        let query = [("uploadId", "u")];
        parse::<CompleteMultipartUploadRequest>("/b/k", &query, &[], &body).is_ok()
    };
    assert!(complete(10_000) && !complete(10_001));
}

// --- buckets ---

#[test]
fn create_bucket_takes_no_body_or_a_region() {
    let bare: CreateBucketRequest = parse("/b", &[], &[], "").unwrap();
    assert_eq!(bare.create_bucket_configuration, None);
    let body = "<CreateBucketConfiguration><LocationConstraint>vault-1</LocationConstraint>\
                </CreateBucketConfiguration>";
    let placed: CreateBucketRequest = parse("/b", &[], &[], body).unwrap();
    let region = placed.create_bucket_configuration.unwrap().location_constraint;
    assert_eq!(region.as_deref(), Some("vault-1"));
    assert!(parse::<CreateBucketRequest>("/b", &[], &[], "<Wrong/>").is_err());
    let output = CreateBucketOutput { location: Some("/b".into()), ..Default::default() };
    assert_eq!(header(&output.to_response(), "location"), "/b");
}

#[test]
fn a_buckets_location_is_the_text_of_the_root() {
    let output = GetBucketLocationOutput { location_constraint: Some("eu-west-1".into()) };
    assert_eq!(body(output.to_response()), "<LocationConstraint @>eu-west-1</LocationConstraint>");
    let classic = GetBucketLocationOutput::default();
    assert_eq!(body(classic.to_response()), "<LocationConstraint @></LocationConstraint>");
}

#[test]
fn a_bucket_policy_is_the_body_as_it_stands() {
    let text = "{\"Statement\": []}";
    let request: PutBucketPolicyRequest = parse("/b", &[("policy", "")], &[], text).unwrap();
    assert_eq!(request.policy, text);
    let missing = parse::<PutBucketPolicyRequest>("/b", &[], &[], "").err().unwrap();
    assert_eq!(missing, WireError::NoBody { root: "Policy" });
    let response = GetBucketPolicyOutput { policy: Some(text.into()) }.to_response();
    assert_eq!(header(&response, "content-type"), "application/json");
    assert_eq!(response.body.as_deref(), Some(text));
    assert_eq!(PutBucketPolicyOutput::default().to_response().status, 204);
    assert_eq!(DeleteBucketPolicyOutput::default().to_response().status, 204);
}

#[test]
fn a_bucket_policy_that_is_not_utf8_is_refused() {
    let parts = Parts::new(Target::Bucket("b"), [], []).unwrap().with_body(b"\xff");
    assert_eq!(PutBucketPolicyRequest::parse(&parts).err(), Some(WireError::BodyNotText));
}

#[test]
fn an_accounts_public_access_block_names_the_account_in_a_header() {
    use strongroom_wire::s3control;
    let text = "<PublicAccessBlockConfiguration \
                xmlns=\"http://awss3control.amazonaws.com/doc/2018-08-20/\">\
                <IgnorePublicAcls>true</IgnorePublicAcls></PublicAccessBlockConfiguration>";
    let of = |headers: &[(&'static str, &'static str)]| {
        let parts = Parts::new(Target::Account, [], headers.iter().copied()).unwrap();
        s3control::PutPublicAccessBlockRequest::parse(&parts.with_body(text.as_bytes()))
    };
    let request = of(&[("x-amz-account-id", "111122223333")]).unwrap();
    assert_eq!(request.account_id, "111122223333");
    assert_eq!(request.public_access_block_configuration.ignore_public_acls, Some(true));
    assert!(of(&[]).is_err());
    let output = s3control::GetPublicAccessBlockOutput {
        public_access_block_configuration: Some(request.public_access_block_configuration),
    };
    let answer = output.to_response().body.unwrap();
    assert!(answer.contains("<PublicAccessBlockConfiguration xmlns=\"http://awss3control."));
    assert!(answer.contains("<IgnorePublicAcls>true</IgnorePublicAcls>"), "{answer}");
}

#[test]
fn a_public_access_block_goes_both_ways() {
    let text = "<PublicAccessBlockConfiguration><BlockPublicAcls>TRUE</BlockPublicAcls>\
                <RestrictPublicBuckets>false</RestrictPublicBuckets>\
                </PublicAccessBlockConfiguration>";
    let request: PutPublicAccessBlockRequest = parse("/b", &[], &[], text).unwrap();
    let block = request.public_access_block_configuration;
    assert_eq!((block.block_public_acls, block.ignore_public_acls), (Some(true), None));
    let output = GetPublicAccessBlockOutput { public_access_block_configuration: Some(block) };
    let answer = output.to_response().body.unwrap();
    let again: PutPublicAccessBlockRequest = parse("/b", &[], &[], &answer).unwrap();
    assert_eq!(
        Some(again.public_access_block_configuration),
        output.public_access_block_configuration
    );
    let status = GetBucketPolicyStatusOutput {
        policy_status: Some(PolicyStatus { is_public: Some(false) }),
    };
    assert_eq!(
        body(status.to_response()),
        "<PolicyStatus @><IsPublic>false</IsPublic></PolicyStatus>"
    );
}

#[test]
fn tags_go_both_ways() {
    let text = "<Tagging><TagSet><Tag><Key>team</Key><Value/></Tag></TagSet></Tagging>";
    let request: PutBucketTaggingRequest = parse("/b", &[], &[], text).unwrap();
    let tags = request.tagging.tag_set;
    assert_eq!(tags, [Tag { key: "team".into(), value: String::new() }]);
    assert_eq!(
        body(GetBucketTaggingOutput { tag_set: tags.clone() }.to_response()),
        "<Tagging @><TagSet><Tag><Key>team</Key><Value></Value></Tag></TagSet></Tagging>"
    );
    let of_object = GetObjectTaggingOutput { tag_set: tags, version_id: Some("v".into()) };
    assert_eq!(header(&of_object.to_response(), "x-amz-version-id"), "v");
    for bad in [
        "<Tagging/>",
        "<Tagging><TagSet>x</TagSet></Tagging>",
        "<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>",
        "<Tagging><TagSet/><TagSet/></Tagging>",
    ] {
        assert!(parse::<PutObjectTaggingRequest>("/b/k", &[], &[], bad).is_err(), "{bad}");
    }
    let none = "<Tagging><TagSet/></Tagging>";
    assert!(parse::<PutObjectTaggingRequest>("/b/k", &[], &[], none).is_ok());
}

#[test]
fn ownership_versioning_and_grants_answer_as_documented() {
    let ownership = GetBucketOwnershipControlsOutput {
        ownership_controls: Some(OwnershipControls {
            rules: vec![OwnershipControlsRule { object_ownership: "BucketOwnerEnforced".into() }],
        }),
    };
    assert_eq!(
        body(ownership.to_response()),
        "<OwnershipControls @><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>\
         </OwnershipControls>"
    );
    assert_eq!(
        body(GetBucketVersioningOutput::default().to_response()),
        "<VersioningConfiguration @></VersioningConfiguration>"
    );
    let grantee =
        Grantee { id: Some("o".into()), type_: "CanonicalUser".into(), ..Default::default() };
    let grant = Grant { grantee: Some(grantee), permission: Some("FULL_CONTROL".into()) };
    let acl = GetBucketAclOutput { grants: Some(vec![grant]), ..Default::default() };
    assert_eq!(
        body(acl.to_response()),
        "<AccessControlPolicy @><AccessControlList><Grant>\
         <Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xsi:type=\"CanonicalUser\"><ID>o</ID></Grantee><Permission>FULL_CONTROL</Permission>\
         </Grant></AccessControlList></AccessControlPolicy>"
    );
}

#[test]
fn the_kind_of_a_grantee_is_read_from_its_attribute_whatever_the_prefix() {
    for attribute in ["xsi:type=\"Group\"", "x:type='Group'"] {
        let body = format!(
            "<AccessControlPolicy><AccessControlList><Grant><Grantee {attribute}><URI>u</URI>\
             </Grantee><Permission>READ</Permission></Grant></AccessControlList>\
             </AccessControlPolicy>"
        );
        let none = std::iter::empty::<(&str, &str)>();
        let target = wire_target("/bucket");
        let parts = Parts::new(target, none.clone(), none).unwrap();
        let message = PutBucketAclRequest::parse(&parts.with_body(body.as_bytes())).unwrap();
        let grants = message.access_control_policy.unwrap().grants;
        assert_eq!(grants[0].grantee.as_ref().unwrap().type_, "Group");
    }
    // Without it nobody is named.
    let body = "<AccessControlPolicy><AccessControlList><Grant><Grantee><URI>u</URI></Grantee>\
                </Grant></AccessControlList></AccessControlPolicy>";
    let none = std::iter::empty::<(&str, &str)>();
    let parts = Parts::new(wire_target("/bucket"), none.clone(), none).unwrap();
    assert!(PutBucketAclRequest::parse(&parts.with_body(body.as_bytes())).is_err());
}

fn wire_target(path: &str) -> Target<'_> {
    Target::parse(path).unwrap()
}

// --- routes ---

#[test]
fn every_operation_has_its_own_route() {
    let routes = ROUTES;
    assert_eq!(routes.len(), 43);
    for (at, one) in routes.iter().enumerate() {
        for other in routes.iter().skip(at + 1) {
            let same = one.method == other.method
                && one.level == other.level
                && one.literals == other.literals
                && one.parameters == other.parameters
                && one.headers == other.headers;
            // ListObjects is ListObjectsV2 without its literal; nothing else may coincide.
            assert!(!same, "{} and {}", one.operation, other.operation);
        }
    }
}

#[test]
fn every_literal_of_a_route_is_a_known_subresource() {
    for route in ROUTES {
        for (name, _) in route.literals {
            assert!(SUBRESOURCES.contains(name), "{name}");
        }
    }
    assert!(SUBRESOURCES.contains(&"lifecycle"));
}

#[test]
fn a_parameter_that_selects_an_operation_is_a_subresource_unless_another_takes_it() {
    assert!(SUBRESOURCES.contains(&"uploadId"), "PUT with it alone is not PutObject");
    assert!(!SUBRESOURCES.contains(&"partNumber"), "GetObject takes it");
    assert!(!SUBRESOURCES.contains(&"versionId"));
}

#[test]
fn a_copy_is_told_from_a_put_by_its_header_alone() {
    assert_eq!(CopyObjectRequest::ROUTE.headers, ["x-amz-copy-source"]);
    assert_eq!(UploadPartCopyRequest::ROUTE.headers, ["x-amz-copy-source"]);
    let others = ROUTES.iter().filter(|route| !route.operation.ends_with("Copy"));
    assert!(others.filter(|r| r.operation != "CopyObject").all(|r| r.headers.is_empty()));
}
