// A certified OpenID provider (npm `oidc-provider`) for the conformance: people sign in with a browser
// or with a code, and when one leaves, it says so to the server (back-channel logout).
//
// Usage: node op.mjs PORT STRONGROOM. Prints one line when it is ready. Loopback only.
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

const port = Number(process.argv[2]);
const strongroom = process.argv[3];
const issuer = `http://127.0.0.1:${port}`;

const people = {
  ana: { name: 'Ana Analyst', groups: ['analysts'] },
  zoe: { name: 'Zoe Nobody', groups: [] },
};

const { privateKey } = await generateKeyPair('ES256', { extractable: true });
const keys = [{ ...(await exportJWK(privateKey)), alg: 'ES256', kid: 'ec-1', use: 'sig' }];

const provider = new Provider(issuer, {
  jwks: { keys },
  clients: [
    {
      client_id: 'strongroom',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      id_token_signed_response_alg: 'ES256',
      redirect_uris: ['http://127.0.0.1/callback'],
      grant_types: [
        'authorization_code',
        'refresh_token',
        'urn:ietf:params:oauth:grant-type:device_code',
      ],
      response_types: ['code'],
      backchannel_logout_uri: `${strongroom}/-/v1/logout`,
      backchannel_logout_session_required: true,
    },
  ],
  scopes: ['openid', 'profile', 'groups', 'offline_access'],
  claims: { openid: ['sub', 'sid'], profile: ['name'], groups: ['groups'] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  ttl: { IdToken: 300, DeviceCode: 300 },
  issueRefreshToken: async () => true,
  features: {
    devInteractions: { enabled: true },
    deviceFlow: { enabled: true },
    revocation: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    backchannelLogout: { enabled: true },
  },
  cookies: { keys: ['conformance-only'] },
  // Its own guard lets it call nobody on loopback, where everything of the conformance is.
  fetch: (url, options) => globalThis.fetch(url, { ...options, dispatcher: undefined }),
  findAccount: (_ctx, id) =>
    people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
});

for (const event of ['backchannel.success', 'backchannel.error', 'server_error', 'grant.error']) {
  provider.on(event, (...said) => console.error(event, said.find((one) => one instanceof Error) ?? ''));
}
provider.listen(port, '127.0.0.1', () => console.log(`ready ${issuer}`));
