// The AWS SDK for Go v2, with the credential that its own chain finds.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/s3/manager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// The job, as job.py says.
const (
	key       = "a b/ü+&=%41#'.bin"
	large     = "large.bin"
	copied    = "copies/the copy (1).bin"
	sent      = "sent/by link.bin"
	deep      = "list/deep/three"
	thousands = 1100
	partBytes = 5 * 1024 * 1024
	begin     = 5_242_000
	end       = 5_243_999
)

var (
	listed = []string{"list/one", "list/two"}
	bucket = aws.String(os.Getenv("BUCKET"))
	ctx    = context.Background()
)

func tell(fields ...string) {
	for at, field := range fields {
		fields[at] = strings.Join(strings.Fields(field), " ")
	}
	fmt.Println(strings.Join(fields, "\t"))
}

// does tells how an operation went.
func does(operation string, act func() error) {
	if err := act(); err != nil {
		tell("failed", operation, err.Error())
		return
	}
	tell("ok", operation)
}

func same(actual, expected any) error {
	if fmt.Sprint(actual) != fmt.Sprint(expected) {
		return fmt.Errorf("%.200v, not %.200v", actual, expected)
	}
	return nil
}

func must[T any](value T, err error) T {
	if err != nil {
		tell("failed", "make bucket", err.Error())
		os.Exit(1)
	}
	return value
}

type client struct {
	*s3.Client
	links *s3.PresignClient
}

// holds compares an object's bytes, or a range of them.
func (c client) holds(name string, span *string, expected []byte) error {
	answer, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: &name, Range: span})
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	if err == nil && !bytes.Equal(got, expected) {
		err = fmt.Errorf("%s: %d bytes that differ from %d", name, len(got), len(expected))
	}
	return err
}

func (c client) put(name string, body []byte, metadata map[string]string) error {
	_, err := c.PutObject(ctx, &s3.PutObjectInput{
		Bucket: bucket, Key: &name, Body: bytes.NewReader(body), Metadata: metadata,
	})
	return err
}

func keys(objects []types.Object) []string {
	var found []string
	for _, object := range objects {
		found = append(found, *object.Key)
	}
	return found
}

func (c client) list() error {
	for _, name := range append(slices.Clone(listed), deep) {
		if err := c.put(name, []byte("x"), nil); err != nil {
			return err
		}
	}
	prefix, slash := aws.String("list/"), aws.String("/")
	found, err := c.ListObjectsV2(ctx,
		&s3.ListObjectsV2Input{Bucket: bucket, Prefix: prefix, Delimiter: slash})
	if err != nil {
		return err
	}
	if err := same(keys(found.Contents), listed); err != nil {
		return err
	}
	return same(*found.CommonPrefixes[0].Prefix, "list/deep/")
}

func (c client) pages() error {
	found := map[string]bool{}
	pages := s3.NewListObjectsV2Paginator(c,
		&s3.ListObjectsV2Input{Bucket: aws.String("thousands")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, name := range keys(page.Contents) {
			found[name] = true
		}
	}
	return same(len(found), thousands)
}

func (c client) presignGet(expected []byte) error {
	link, err := c.links.PresignGetObject(ctx,
		&s3.GetObjectInput{Bucket: bucket, Key: aws.String(key)}, s3.WithPresignExpires(time.Minute))
	if err != nil {
		return err
	}
	answer, err := http.Get(link.URL)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	if err == nil && !bytes.Equal(got, expected) {
		err = fmt.Errorf("%s: %.300s", answer.Status, got)
	}
	return err
}

func (c client) presignPut() error {
	link, err := c.links.PresignPutObject(ctx,
		&s3.PutObjectInput{Bucket: bucket, Key: aws.String(sent)}, s3.WithPresignExpires(time.Minute))
	if err != nil {
		return err
	}
	request, err := http.NewRequest(http.MethodPut, link.URL, strings.NewReader("by link"))
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(answer.Body)
		return fmt.Errorf("%s: %.300s", answer.Status, said)
	}
	return c.holds(sent, nil, []byte("by link"))
}

func (c client) delete() error {
	if _, err := c.DeleteObject(ctx,
		&s3.DeleteObjectInput{Bucket: bucket, Key: aws.String(key)}); err != nil {
		return err
	}
	found, err := c.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: bucket})
	if err != nil {
		return err
	}
	var rest types.Delete
	for _, object := range found.Contents {
		rest.Objects = append(rest.Objects, types.ObjectIdentifier{Key: object.Key})
	}
	deleted, err := c.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: bucket, Delete: &rest})
	if err != nil {
		return err
	}
	if err := same(len(deleted.Errors), 0); err != nil {
		return err
	}
	_, err = c.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: bucket})
	return err
}

func main() {
	build, _ := debug.ReadBuildInfo()
	for _, module := range build.Deps {
		if strings.HasSuffix(module.Path, "/service/s3") {
			tell("version", strings.TrimPrefix(module.Version, "v"))
		}
	}
	small := must(os.ReadFile(os.Getenv("WORK") + "/small"))
	whole := must(os.ReadFile(os.Getenv("WORK") + "/large"))
	c := client{Client: s3.NewFromConfig(must(config.LoadDefaultConfig(ctx)))}
	c.links = s3.NewPresignClient(c.Client)

	does("make bucket", func() error {
		_, err := c.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket})
		return err
	})
	does("put", func() error {
		if err := c.put(key, small, map[string]string{"colour": "blue"}); err != nil {
			return err
		}
		head, err := c.HeadObject(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: aws.String(key)})
		if err != nil {
			return err
		}
		return same(head.Metadata["colour"], "blue")
	})
	does("multipart", func() error {
		uploader := manager.NewUploader(c, func(u *manager.Uploader) { u.PartSize = partBytes })
		made, err := uploader.Upload(ctx, &s3.PutObjectInput{
			Bucket: bucket, Key: aws.String(large), Body: bytes.NewReader(whole),
		})
		if err != nil {
			return err
		}
		return same(len(made.CompletedParts), 4)
	})
	does("get", func() error {
		if err := c.holds(key, nil, small); err != nil {
			return err
		}
		return c.holds(large, nil, whole)
	})
	does("range", func() error {
		return c.holds(large, aws.String(fmt.Sprintf("bytes=%d-%d", begin, end)), whole[begin:end+1])
	})
	does("list", c.list)
	does("pages", c.pages)
	does("presign get", func() error { return c.presignGet(small) })
	does("presign put", c.presignPut)
	does("copy", func() error {
		// S3 reads a plus there as a space, and PathEscape lets it stand.
		source := *bucket + "/" + strings.ReplaceAll(url.PathEscape(key), "+", "%2B")
		_, err := c.CopyObject(ctx, &s3.CopyObjectInput{
			Bucket: bucket, Key: aws.String(copied), CopySource: &source,
		})
		if err != nil {
			return err
		}
		return c.holds(copied, nil, small)
	})
	does("delete", c.delete)
}
