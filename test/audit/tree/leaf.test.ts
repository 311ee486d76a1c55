import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hashLeaf } from '../../../src/audit/tree/hash.ts'
import { type LeafFields, leafHash, leafHashOfJson, leafRecord } from '../../../src/audit/tree/leaf.ts'
import { leafFields } from '../../support/entries.ts'
import { leafOf } from '../../support/naive-tree.ts'

const special = fc.constantFrom(
  '"',
  '\\',
  '/',
  '\b',
  '\t',
  '\n',
  '\f',
  '\r',
  '\u0001',
  '\u001f',
  '\u007f',
  '\u2028',
  '😀',
)
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.array(fc.oneof(special, fc.string({ maxLength: 3 })), { maxLength: 6 }).map((parts) => parts.join('')),
)
const optional = fc.option(text)

const entries: fc.Arbitrary<LeafFields> = fc.record({
  id: fc.uuid({ version: 7 }),
  createdAt: fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }),
  source: text,
  category: text,
  action: text,
  description: text,
  userId: optional,
  account: text,
  actorName: optional,
  userRole: text,
  resourceType: optional,
  resourceId: optional,
  subjectId: optional,
  channelId: optional,
  requestId: optional,
  ipAddress: optional,
  userAgent: optional,
  metadata: fc.json(),
  nonce: fc.uint8Array({ minLength: 16, maxLength: 16 }),
})

/** The same record with its fields in another order, spaced otherwise, and with every letter that may be escaped so. */
function rewritten(json: string, order: readonly number[], indent: string): string {
  const fields = Object.entries(JSON.parse(json))
  const moved = fields.map((field, n) => ({ field, at: order[n] ?? 0 })).sort((a, b) => a.at - b.at)
  const spaced = JSON.stringify(Object.fromEntries(moved.map(({ field }) => field)), null, indent)
  return spaced.replaceAll(/(?<!\\)[g-z/]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

describe('the record of an entry', () => {
  test('is canonical JSON, whatever the entry holds', () => {
    const property = fc.property(entries, (entry) => canonicalize(JSON.parse(leafRecord(entry))) === leafRecord(entry))
    fc.assert(property, { numRuns: 2000 })
  })

  test('has every field of the entry under its name of version 1, and nothing for null', () => {
    const named = (e: LeafFields): Record<string, unknown> => ({
      v: 1,
      id: e.id,
      created_at: e.createdAt.toISOString(),
      source: e.source,
      category: e.category,
      action: e.action,
      description: e.description,
      user_id: e.userId,
      account: e.account,
      actor_name: e.actorName,
      user_role: e.userRole,
      resource_type: e.resourceType,
      resource_id: e.resourceId,
      subject_id: e.subjectId,
      channel_id: e.channelId,
      request_id: e.requestId,
      ip_address: e.ipAddress,
      user_agent: e.userAgent,
      metadata: e.metadata,
      nonce: Buffer.from(e.nonce).toString('hex'),
    })
    const property = fc.property(entries, (entry) => {
      const present = Object.entries(named(entry)).filter(([, value]) => value !== null)
      expect(leafRecord(entry)).toBe(canonicalize(Object.fromEntries(present)))
    })
    fc.assert(property)
  })

  test('is these bytes', () => {
    expect(leafRecord(leafFields())).toBe(
      '{"account":"+15550001111","action":"ROLE_CHANGE","actor_name":"Ann Ø. 😀","category":"AUTH","created_at":"2025-01-02T03:04:05.006Z",' +
        '"description":"Changed the role of +15550002222 from USER to OPERATOR",' +
        '"id":"0193d2a4-7c10-7b3e-9a51-3f0c2d4e5f60",' +
        '"metadata":"{\\"newRole\\":\\"OPERATOR\\",\\"oldRole\\":\\"USER\\",\\"targetUser\\":\\"+15550002222\\"}",' +
        '"nonce":"000102030405060708090a0b0c0d0e0f","resource_id":"+15550002222",' +
        '"resource_type":"user","source":"whatsapp","subject_id":"user_456","user_id":"user_123","user_role":"OWNER","v":1}',
    )
  })

  test('has an empty text where the entry has one, as that is not null', () => {
    expect(leafRecord(leafFields({ channelId: '' }))).toContain('"channel_id":""')
  })

  test('takes of a nonce only its own bytes, where it is part of a larger buffer', () => {
    const larger = Buffer.alloc(64, 7)
    const nonce = new Uint8Array(larger.buffer, larger.byteOffset + 8, 16)
    expect(leafRecord(leafFields({ nonce }))).toContain(`"nonce":"${'07'.repeat(16)}"`)
  })
})

describe('the hash of a leaf', () => {
  test('is that of its record in UTF-8', () => {
    const property = fc.property(entries, (entry) => leafHash(entry).equals(leafOf(leafRecord(entry))))
    fc.assert(property)
  })

  test('is the same from JSON in any order, spacing and escaping', () => {
    const order = fc.array(fc.nat(), { minLength: 20, maxLength: 20 })
    const property = fc.property(entries, order, fc.constantFrom('', ' ', '\t', '    '), (entry, order, indent) =>
      leafHashOfJson(rewritten(leafRecord(entry), order, indent)).equals(leafHash(entry)),
    )
    fc.assert(property, { numRuns: 500 })
  })

  test('is another for any other value of any field', () => {
    const hash = leafHash(leafFields())
    for (const [name, value] of Object.entries(JSON.parse(leafRecord(leafFields()))).filter(([name]) => name !== 'v')) {
      const record = JSON.parse(leafRecord(leafFields()))
      expect(leafHashOfJson(JSON.stringify({ ...record, [name]: `${value} ` })).equals(hash)).toBe(false)
      delete record[name]
      expect(leafHashOfJson(JSON.stringify(record)).equals(hash)).toBe(false)
    }
  })

  test('is one of the record, not of the names it happens to know', () => {
    expect(leafHashOfJson('{ "v": 1, "a": "b" }')).toEqual(hashLeaf('{"a":"b","v":1}'))
  })
})

describe('a record that somebody hands over', () => {
  test.each(['', '{', '{"v":1,}', "{'v':1}", '{"v":1}{"v":1}'])('is refused if it is no JSON: %s', (json) => {
    expect(() => leafHashOfJson(json)).toThrow(SyntaxError)
  })

  test.each(['{}', 'null', '1', '[1]', '"v"', '{"v":2}', '{"v":"1"}', '{"v":true}', '{"v":null}', '{"v":[1]}'])(
    'is refused if its version is not known: %s',
    (json) => {
      expect(() => leafHashOfJson(json)).toThrow(RangeError)
    },
  )

  test.each(['{"v":1,"a":"\\ud800"}', '{"v":1,"\\udc00":"a"}', '{"v":1,"a":1e400}'])(
    'is refused if canonical JSON cannot say it: %s',
    (json) => {
      expect(() => leafHashOfJson(json)).toThrow(RangeError)
    },
  )
})
