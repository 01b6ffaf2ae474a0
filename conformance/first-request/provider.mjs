// A real OpenID provider for the conformance: three people, one public client with the
// authorization-code flow and PKCE, and one client for another audience.
//
// Usage: node provider.mjs PORT [KEYS]. Prints one line when it is ready. Loopback only. The keys
// are made anew and, if a file is named, written there: `forge.mjs` signs with them what no
// provider would.
import { writeFileSync } from 'node:fs';

import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;

const people = {
  ana: { name: 'Ana Analyst', email: 'ana@example.test', groups: ['analysts'] },
  eli: { name: 'Eli Engineer', email: 'eli@example.test', groups: ['engineers'] },
  pat: { name: 'Pat Partner', email: 'pat@partner.test', groups: ['partners'] },
  zoe: { name: 'Zoe Nobody', email: 'zoe@example.test', groups: [] },
};

async function key(alg, kid, options) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, ...options });
  return { ...(await exportJWK(privateKey)), alg, kid, use: 'sig' };
}

const keys = [await key('RS256', 'rsa-1', { modulusLength: 2048 }), await key('ES256', 'ec-1')];
if (process.argv[3]) writeFileSync(process.argv[3], JSON.stringify(keys), { mode: 0o600 });

const client = (client_id) => ({
  client_id,
  token_endpoint_auth_method: 'none',
  redirect_uris: [`http://127.0.0.1:${port}/callback`],
  grant_types: ['authorization_code'],
  response_types: ['code'],
  application_type: 'native',
});

const provider = new Provider(issuer, {
  jwks: { keys },
  clients: [client('strongroom'), client('another-application')],
  scopes: ['openid', 'profile', 'email', 'groups'],
  claims: { openid: ['sub'], profile: ['name'], email: ['email'], groups: ['groups'] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  ttl: { IdToken: 600 },
  features: { devInteractions: { enabled: true } },
  cookies: { keys: ['conformance-only'] },
  findAccount: (_ctx, id) =>
    people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
});

provider.listen(port, '127.0.0.1', () => console.log(`ready ${issuer}`));
