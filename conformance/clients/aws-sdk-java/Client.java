// The AWS SDK for Java v2, with the credential that its own chain finds: its blocking client, its
// asynchronous one below the transfer manager, and its presigner.
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.core.util.VersionInfo;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
import software.amazon.awssdk.transfer.s3.S3TransferManager;

/** The job, as job.py says. */
public final class Client {
    private static final String KEY = "a b/ü+&=%41#'.bin";
    private static final String LARGE = "large.bin";
    private static final String COPY = "copies/the copy (1).bin";
    private static final String SENT = "sent/by link.bin";
    private static final List<String> LISTED = List.of("list/one", "list/two");
    private static final String DEEP = "list/deep/three";
    private static final int THOUSANDS = 1100;
    private static final long PART_BYTES = 5 * 1024 * 1024;
    private static final int BEGIN = 5_242_000;
    private static final int END = 5_243_999;
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final String bucket = System.getenv("BUCKET");
    private final Path work = Path.of(System.getenv("WORK"));
    private final byte[] small = Files.readAllBytes(work.resolve("small"));
    private final byte[] large = Files.readAllBytes(work.resolve("large"));
    private final S3Client s3 = S3Client.create();
    private final HttpClient plain = HttpClient.newHttpClient();

    private Client() throws Exception {}

    /** What an operation is made of. */
    private interface Act {
        void run() throws Exception;
    }

    private static void tell(String... fields) {
        String line = String.join("\t", Arrays.stream(fields)
                .map(field -> field.strip().replaceAll("\\s+", " ")).toList());
        new java.io.PrintStream(System.out, true, StandardCharsets.UTF_8).println(line);
    }

    /** An operation: ok if it ends, failed if it throws. */
    private static void does(String operation, Act act) {
        try {
            act.run();
            tell("ok", operation);
        } catch (Exception | AssertionError error) {
            tell("failed", operation, error.toString());
        }
    }

    private static void same(Object actual, Object expected) {
        if (!Objects.deepEquals(actual, expected)) {
            throw new AssertionError(actual + ", not " + expected);
        }
    }

    private byte[] read(String key, String range) {
        ResponseBytes<GetObjectResponse> answer =
                s3.getObjectAsBytes(ask -> ask.bucket(bucket).key(key).range(range));
        return answer.asByteArray();
    }

    private void put(String key, byte[] body) {
        s3.putObject(ask -> ask.bucket(bucket).key(key).metadata(Map.of("colour", "blue")),
                RequestBody.fromBytes(body));
    }

    private void multipart() {
        try (S3AsyncClient client = S3AsyncClient.builder().multipartEnabled(true)
                        .multipartConfiguration(parts -> parts.minimumPartSizeInBytes(PART_BYTES)
                                .thresholdInBytes(PART_BYTES)).build();
                S3TransferManager manager = S3TransferManager.builder().s3Client(client).build()) {
            manager.uploadFile(ask -> ask.source(work.resolve("large"))
                    .putObjectRequest(put -> put.bucket(bucket).key(LARGE))).completionFuture().join();
        }
        String tag = s3.headObject(ask -> ask.bucket(bucket).key(LARGE)).eTag();
        same(tag.endsWith("-4\""), true);
    }

    private void list() {
        for (String name : List.of(LISTED.get(0), LISTED.get(1), DEEP)) {
            put(name, new byte[] {'x'});
        }
        var second = s3.listObjectsV2(ask -> ask.bucket(bucket).prefix("list/").delimiter("/"));
        same(second.contents().stream().map(S3Object::key).toList(), LISTED);
        same(second.commonPrefixes().get(0).prefix(), "list/deep/");
        var first = s3.listObjects(ask -> ask.bucket(bucket).prefix("list/").delimiter("/"));
        same(first.contents().stream().map(S3Object::key).toList(), LISTED);
    }

    private void pages() {
        var found = new HashSet<String>();
        s3.listObjectsV2Paginator(ask -> ask.bucket("thousands")).contents()
                .forEach(object -> found.add(object.key()));
        same(found.size(), THOUSANDS);
    }

    private byte[] asked(HttpRequest request) throws Exception {
        HttpResponse<byte[]> answer = plain.send(request, BodyHandlers.ofByteArray());
        if (answer.statusCode() != 200) {
            throw new AssertionError(new String(answer.body(), StandardCharsets.UTF_8));
        }
        return answer.body();
    }

    private void presignGet() throws Exception {
        try (S3Presigner links = S3Presigner.builder().s3Client(s3).build()) {
            var link = links.presignGetObject(ask -> ask.signatureDuration(MINUTE)
                    .getObjectRequest(get -> get.bucket(bucket).key(KEY)));
            same(asked(HttpRequest.newBuilder(link.url().toURI()).build()), small);
        }
    }

    private void presignPut() throws Exception {
        byte[] body = "by link".getBytes(StandardCharsets.UTF_8);
        try (S3Presigner links = S3Presigner.builder().s3Client(s3).build()) {
            var link = links.presignPutObject(ask -> ask.signatureDuration(MINUTE)
                    .putObjectRequest(put -> put.bucket(bucket).key(SENT)));
            URI url = link.url().toURI();
            asked(HttpRequest.newBuilder(url).PUT(HttpRequest.BodyPublishers.ofByteArray(body)).build());
        }
        same(read(SENT, null), body);
    }

    private void copy() {
        s3.copyObject(ask -> ask.sourceBucket(bucket).sourceKey(KEY)
                .destinationBucket(bucket).destinationKey(COPY));
        same(read(COPY, null), small);
    }

    private void delete() {
        s3.deleteObject(ask -> ask.bucket(bucket).key(KEY));
        var rest = s3.listObjectsV2(ask -> ask.bucket(bucket)).contents().stream()
                .map(object -> ObjectIdentifier.builder().key(object.key()).build()).toList();
        var deleted = s3.deleteObjects(ask -> ask.bucket(bucket).delete(which -> which.objects(rest)));
        same(deleted.errors().size(), 0);
        s3.deleteBucket(ask -> ask.bucket(bucket));
    }

    private void job() {
        tell("version", VersionInfo.SDK_VERSION);
        does("make bucket", () -> {
            s3.createBucket(ask -> ask.bucket(bucket));
            s3.waiter().waitUntilBucketExists(ask -> ask.bucket(bucket));
        });
        does("put", () -> {
            put(KEY, small);
            var head = s3.headObject(ask -> ask.bucket(bucket).key(KEY));
            same(head.metadata(), Map.of("colour", "blue"));
        });
        does("multipart", this::multipart);
        does("get", () -> {
            same(read(KEY, null), small);
            same(read(LARGE, null), large);
        });
        does("range", () -> same(read(LARGE, "bytes=" + BEGIN + "-" + END),
                Arrays.copyOfRange(large, BEGIN, END + 1)));
        does("list", this::list);
        does("pages", this::pages);
        does("presign get", this::presignGet);
        does("presign put", this::presignPut);
        does("copy", this::copy);
        does("delete", this::delete);
    }

    /** Does the job. */
    public static void main(String[] words) throws Exception {
        new Client().job();
        System.exit(0);
    }
}
