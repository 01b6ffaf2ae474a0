// The job that every client does, and how a JavaScript one tells of it: as job.py says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

export const KEY = "a b/ü+&=%41#'.bin";
export const LARGE = 'large.bin';
export const COPY = 'copies/the copy (1).bin';
export const SENT = 'sent/by link.bin';
export const LISTED = ['list/one', 'list/two'];
export const DEEP = 'list/deep/three';
export const THOUSANDS = 1100;
export const PART_BYTES = 5 * 1024 * 1024;
export const [BEGIN, END] = [5_242_000, 5_243_999];

export const { BUCKET: bucket, WORK: work, KIND: kind, ENDPOINT: endpoint } = process.env;
export const small = readFileSync(`${work}/small`);
export const large = readFileSync(`${work}/large`);
export const part = large.subarray(BEGIN, END + 1);

const tell = (...fields) =>
  console.log(fields.map((field) => String(field).split(/\s+/).join(' ')).join('\t'));

export const version = (text) => tell('version', text);
export const lacks = (operation, reason) => tell('lacks', operation, reason);

/** An operation: ok if the function ends, failed if it throws. */
export async function does(operation, act) {
  try {
    await act();
    tell('ok', operation);
  } catch (error) {
    tell('failed', operation, `${error.name}: ${error.message}`);
  }
}

export const same = (actual, expected) => assert.deepEqual(actual, expected);

/** Reads a link without a credential. */
export async function fetched(url) {
  const answer = await fetch(url);
  assert.equal(answer.status, 200, await answer.clone().text());
  return Buffer.from(await answer.arrayBuffer());
}

/** Writes to a link without a credential. */
export async function send(url, body) {
  const answer = await fetch(url, { method: 'PUT', body });
  assert.equal(answer.status, 200, await answer.text());
}
