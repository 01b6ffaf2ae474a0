// The AWS SDK for JavaScript v3, with the credential that its own chain finds.
import { createReadStream, readFileSync } from 'node:fs';

import * as s3 from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

import * as j from './job.mjs';

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url)));
j.version(dependencies['@aws-sdk/client-s3']);
const client = new s3.S3Client();
const here = { Bucket: j.bucket };
const keys = (objects) => objects.map((object) => object.Key);

const call = (name, input) => client.send(new s3[`${name}Command`]({ ...here, ...input }));
const read = async (Key, more) =>
  Buffer.from(await (await call('GetObject', { Key, ...more })).Body.transformToByteArray());

await j.does('make bucket', async () => {
  await call('CreateBucket');
  await s3.waitUntilBucketExists({ client, maxWaitTime: 10 }, here);
});
await j.does('put', async () => {
  await call('PutObject', { Key: j.KEY, Body: j.small, Metadata: { colour: 'blue' } });
  j.same((await call('HeadObject', { Key: j.KEY })).Metadata, { colour: 'blue' });
});
await j.does('multipart', async () => {
  const params = { ...here, Key: j.LARGE, Body: createReadStream(`${j.work}/large`) };
  await new Upload({ client, partSize: j.PART_BYTES, params }).done();
  j.same((await call('HeadObject', { Key: j.LARGE })).ETag.slice(-3), '-4"');
});
await j.does('get', async () => {
  j.same(await read(j.KEY), j.small);
  j.same(await read(j.LARGE), j.large);
});
await j.does('range', async () => {
  j.same(await read(j.LARGE, { Range: `bytes=${j.BEGIN}-${j.END}` }), j.part);
});
await j.does('list', async () => {
  for (const Key of [...j.LISTED, j.DEEP]) await call('PutObject', { Key, Body: 'x' });
  for (const name of ['ListObjectsV2', 'ListObjects']) {
    const found = await call(name, { Prefix: 'list/', Delimiter: '/' });
    j.same(keys(found.Contents), j.LISTED);
    j.same(found.CommonPrefixes, [{ Prefix: 'list/deep/' }]);
  }
});
await j.does('pages', async () => {
  const found = new Set();
  for await (const page of s3.paginateListObjectsV2({ client }, { Bucket: 'thousands' })) {
    for (const key of keys(page.Contents)) found.add(key);
  }
  j.same(found.size, j.THOUSANDS);
});
await j.does('presign get', async () => {
  const command = new s3.GetObjectCommand({ ...here, Key: j.KEY });
  j.same(await j.fetched(await getSignedUrl(client, command, { expiresIn: 60 })), j.small);
});
await j.does('presign put', async () => {
  const command = new s3.PutObjectCommand({ ...here, Key: j.SENT });
  await j.send(await getSignedUrl(client, command, { expiresIn: 60 }), 'by link');
  j.same(String(await read(j.SENT)), 'by link');
});
await j.does('copy', async () => {
  const source = `${j.bucket}/${encodeURIComponent(j.KEY)}`;
  await call('CopyObject', { Key: j.COPY, CopySource: source });
  j.same(await read(j.COPY), j.small);
});
await j.does('delete', async () => {
  await call('DeleteObject', { Key: j.KEY });
  const Objects = keys((await call('ListObjectsV2')).Contents).map((Key) => ({ Key }));
  j.same((await call('DeleteObjects', { Delete: { Objects } })).Errors, undefined);
  await call('DeleteBucket');
});
