// Signs cases with `aws4`.
import aws4 from 'aws4'

import { each, repeats } from './lines.mjs'

const encode = (text) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase())

await each(({ service, region, method, host, path, query, headers, body, payload, form, expires, access, secret, token, time }) => {
  if (service === 's3' && repeats(query)) return { skip: 'signs the first of repeated query values alone' }
  if (body && headers.some(([name, value]) => name === 'content-type' && !value)) return { skip: 'adds a type of its own beside an empty one' }
  const pairs = query.map(([name, value]) => `${encode(name)}=${encode(value)}`)
  if (form === 'query') pairs.push(`X-Amz-Expires=${expires}`, `X-Amz-Date=${time}`)
  const target = path.split('/').map(encode).join('/') + (pairs.length ? '?' + pairs.join('&') : '')
  const sent = { Host: host }
  for (const [name, value] of headers) {
    if (sent[name] === undefined) sent[name] = value
    else sent[name] = [].concat(sent[name], value)
  }
  const options = { service, region, method, path: target, headers: sent, signQuery: form === 'query' }
  if (form !== 'query') {
    sent['X-Amz-Date'] = time
    if (payload === 'unsigned' && service === 's3') sent['X-Amz-Content-Sha256'] = 'UNSIGNED-PAYLOAD'
    // A Buffer has no place here without a type and a length, which the signer adds by itself.
    if (body) options.body = Buffer.from(body, 'hex')
  }
  aws4.sign(options, { accessKeyId: access, secretAccessKey: secret, sessionToken: token ?? undefined })
  const lines = Object.entries(options.headers).flatMap(([name, value]) =>
    [].concat(value).map((one) => [name, `${one}`]),
  )
  return { target: options.path, headers: lines }
})
