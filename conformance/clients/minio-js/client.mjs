// minio-js, with its own credential providers.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';

import { Client } from 'minio';

import * as j from './job.mjs';

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url)));
j.version(dependencies.minio);

const { hostname, port } = new URL(j.endpoint);
if (j.kind === 'web identity') {
  j.lacks('all', 'its `IamAwsProvider` brings the token to `https://sts.REGION.amazonaws.com` alone');
  process.exit();
}
const client = new Client({
  endPoint: hostname,
  port: Number(port),
  useSSL: false,
  partSize: j.PART_BYTES,
  accessKey: process.env.AWS_ACCESS_KEY_ID,
  secretKey: process.env.AWS_SECRET_ACCESS_KEY,
  sessionToken: process.env.AWS_SESSION_TOKEN,
});
const { bucket } = j;
const read = async (key) => buffer(await client.getObject(bucket, key));
const listed = async (stream) => {
  const found = [];
  for await (const { name, prefix } of stream) found.push(name ?? prefix);
  return found;
};

await j.does('make bucket', async () => {
  await client.makeBucket(bucket);
  j.same(await client.bucketExists(bucket), true);
});
await j.does('put', async () => {
  await client.putObject(bucket, j.KEY, j.small, j.small.length, { colour: 'blue' });
  j.same((await client.statObject(bucket, j.KEY)).metaData.colour, 'blue');
});
await j.does('multipart', async () => {
  await client.fPutObject(bucket, j.LARGE, `${j.work}/large`);
  assert.match((await client.statObject(bucket, j.LARGE)).etag, /-\d$/);
});
await j.does('get', async () => {
  j.same(await read(j.KEY), j.small);
  await client.fGetObject(bucket, j.LARGE, `${j.work}/back`);
  j.same(readFileSync(`${j.work}/back`), j.large);
});
await j.does('range', async () => {
  const length = j.END - j.BEGIN + 1;
  j.same(await buffer(await client.getPartialObject(bucket, j.LARGE, j.BEGIN, length)), j.part);
});
await j.does('list', async () => {
  for (const key of [...j.LISTED, j.DEEP]) await client.putObject(bucket, key, 'x');
  const all = ['list/deep/', ...j.LISTED];
  j.same((await listed(client.listObjectsV2(bucket, 'list/', false))).sort(), all);
  j.same((await listed(client.listObjects(bucket, 'list/', false))).sort(), all);
});
await j.does('pages', async () => {
  const found = await listed(client.listObjectsV2('thousands', '', true));
  j.same(new Set(found).size, j.THOUSANDS);
});
await j.does('presign get', async () => {
  j.same(await j.fetched(await client.presignedGetObject(bucket, j.KEY, 60)), j.small);
});
await j.does('presign put', async () => {
  await j.send(await client.presignedPutObject(bucket, j.SENT, 60), 'by link');
  j.same(String(await read(j.SENT)), 'by link');
});
await j.does('copy', async () => {
  await client.copyObject(bucket, j.COPY, `/${bucket}/${j.KEY}`);
  j.same(await read(j.COPY), j.small);
});
await j.does('delete', async () => {
  await client.removeObject(bucket, j.KEY);
  await client.removeObjects(bucket, await listed(client.listObjectsV2(bucket, '', true)));
  await client.removeBucket(bucket);
});
