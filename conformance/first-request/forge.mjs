// Makes tokens that no provider would: signed by the provider's real key with other claims, by a
// stranger's key, by nobody, or by the public key taken for a secret.
//
// Usage: node forge.mjs KEYS < specifications > tokens. Both are JSON arrays; a specification is
// {claims, header, by}, `by` one of `provider`, `stranger`, `nobody`, `public-key`.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { SignJWT, exportSPKI, generateKeyPair, importJWK } from 'jose';

const [jwk] = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const own = await importJWK(jwk, 'RS256');
const publicPem = await exportSPKI(
  await importJWK({ kty: jwk.kty, n: jwk.n, e: jwk.e }, 'RS256', { extractable: true }),
);
const stranger = (await generateKeyPair('RS256')).privateKey;

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

function byHand(header, claims, sign) {
  const text = `${encoded(header)}.${encoded(claims)}`;
  return `${text}.${sign(text)}`;
}

async function token({ claims, header, by }) {
  const rs = { alg: 'RS256', kid: jwk.kid, typ: 'JWT', ...header };
  switch (by) {
    case 'provider':
      return new SignJWT(claims).setProtectedHeader(rs).sign(own);
    case 'stranger':
      return new SignJWT(claims).setProtectedHeader(rs).sign(stranger);
    case 'nobody':
      return byHand({ alg: 'none', typ: 'JWT' }, claims, () => '');
    case 'public-key':
      return byHand({ ...rs, alg: 'HS256' }, claims, (text) =>
        createHmac('sha256', publicPem).update(text).digest('base64url'),
      );
    default:
      throw new Error(`by whom? ${by}`);
  }
}

const specifications = JSON.parse(readFileSync(0, 'utf8'));
console.log(JSON.stringify(await Promise.all(specifications.map(token))));
