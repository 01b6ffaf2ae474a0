// Signs cases with minio-js.
import { createHash } from 'node:crypto'

import { presignSignatureV4, signV4 } from 'minio/dist/esm/signing.mjs'

import { each, moment, repeats } from './lines.mjs'

const encode = (text) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase())

// Its query is sorted as whole `name=value` texts, so `a-b=` comes before `a=`; SigV4 sorts names.
const sorted = (pairs) => {
  const text = ([name, value]) => `${encode(name)}=${encode(value)}`
  const by = (key) => (one, other) => (key(one) < key(other) ? -1 : key(one) > key(other) ? 1 : 0)
  const whole = [...pairs].sort(by(text)).map(text)
  const names = [...pairs].sort((a, b) => by(([n]) => encode(n))(a, b) || by(([, v]) => encode(v))(a, b))
  return whole.join('&') === names.map(text).join('&')
}

await each(({ service, region, method, host, path, query, headers, body, payload, form, expires, access, secret, token, time }) => {
  if (service !== 's3' && path !== '/') return { skip: 'does not encode a path twice' }
  if (repeats(headers)) return { skip: 'holds one value a header' }
  if (!sorted(query)) return { skip: 'sorts the query by name and value in one text' }
  const trimmed = headers.map(([name, value]) => [name, value.trim()])
  if (trimmed.some(([, value], at) => value !== headers[at][1])) return { skip: 'does not trim a header' }
  const pairs = query.map(([name, value]) => `${encode(name)}=${encode(value)}`)
  const target = path.split('/').map(encode).join('/') + (pairs.length ? '?' + pairs.join('&') : '')
  const request = { method, path: target, protocol: 'https:', headers: { host, ...Object.fromEntries(headers) } }
  const when = moment(time)
  if (form === 'query') {
    const url = presignSignatureV4(request, access, secret, token ?? undefined, region, when, expires)
    return { target: url.slice(`https://${host}`.length), headers: Object.entries(request.headers) }
  }
  const digest =
    payload === 'unsigned' ? 'UNSIGNED-PAYLOAD' : createHash('sha256').update(Buffer.from(body, 'hex')).digest('hex')
  request.headers['x-amz-date'] = time
  if (service === 's3') request.headers['x-amz-content-sha256'] = digest
  if (token) request.headers['x-amz-security-token'] = token
  request.headers.authorization = signV4(request, access, secret, region, when, digest, service)
  return { target, headers: Object.entries(request.headers) }
})
