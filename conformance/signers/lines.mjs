// Reads cases on stdin, one JSON a line, and prints what `sign` makes of each.
import { createInterface } from 'node:readline'

/** A time as `20260102T030405Z` as a date. */
export function moment(text) {
  const [, y, m, d, h, i, s] = /(....)(..)(..)T(..)(..)(..)Z/.exec(text)
  return new Date(`${y}-${m}-${d}T${h}:${i}:${s}Z`)
}

/** Whether a name comes twice among pairs. */
export function repeats(pairs) {
  return new Set(pairs.map(([name]) => name)).size !== pairs.length
}

export async function each(sign) {
  const out = []
  for await (const line of createInterface({ input: process.stdin })) {
    const item = JSON.parse(line)
    let made
    try {
      made = await sign(item)
    } catch (error) {
      made = { skip: `${error.message}` }
    }
    out.push(JSON.stringify({ id: item.id, method: item.method, ...made }))
    if (out.length === 1000) process.stdout.write(out.splice(0).join('\n') + '\n')
  }
  if (out.length) process.stdout.write(out.join('\n') + '\n')
}
