// Signs cases with `@smithy/signature-v4`, as the AWS SDK for JavaScript does.
import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'

import { each, moment, repeats } from './lines.mjs'

const encode = (text) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase())

await each(async ({ service, region, method, host, path, query, headers, body, payload, form, expires, access, secret, token, time }) => {
  if (repeats(headers)) return { skip: 'holds one value a header' }
  const signer = new SignatureV4({
    service,
    region,
    sha256: Sha256,
    credentials: { accessKeyId: access, secretAccessKey: secret, sessionToken: token ?? undefined },
    uriEscapePath: service !== 's3',
    applyChecksum: service === 's3',
  })
  const bag = {}
  for (const [name, value] of query) bag[name] = bag[name] === undefined ? value : [].concat(bag[name], value)
  const request = {
    method,
    protocol: 'https:',
    hostname: host,
    path: path.split('/').map(encode).join('/'),
    query: bag,
    headers: { host, ...Object.fromEntries(headers) },
    body: body ? Buffer.from(body, 'hex') : undefined,
  }
  if (form === 'query' || payload === 'unsigned') request.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD'
  const signingDate = moment(time)
  const made =
    form === 'query'
      ? await signer.presign(request, { signingDate, expiresIn: expires })
      : await signer.sign(request, { signingDate })
  const pairs = Object.entries(made.query).flatMap(([name, value]) =>
    [].concat(value).map((one) => `${encode(name)}=${encode(one)}`),
  )
  const target = made.path + (pairs.length ? '?' + pairs.join('&') : '')
  return { target, headers: Object.entries(made.headers) }
})
