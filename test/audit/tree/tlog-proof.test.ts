import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatCheckpoint } from '../../../src/audit/tree/checkpoint.ts'
import { NoteError, Signer } from '../../../src/audit/tree/note.ts'
import { formatTlogProof, parseTlogProof } from '../../../src/audit/tree/tlog-proof.ts'
import { leafOf } from '../../support/naive-tree.ts'

const HEADER = 'c2sp.org/tlog-proof@v1'
const hash = leafOf('a')
const HASH = hash.toString('base64')
const checkpoint = Signer.generate('example.com/log').sign(
  formatCheckpoint({ origin: 'example.com/log', size: 9, root: leafOf('root') }),
)

describe('a proof file', () => {
  test('is these lines', () => {
    expect(formatTlogProof({ index: 7, hashes: [hash, hash], checkpoint })).toBe(
      `${HEADER}\nindex 7\n${HASH}\n${HASH}\n\n${checkpoint}`,
    )
    expect(formatTlogProof({ index: 0, hashes: [], checkpoint })).toBe(`${HEADER}\nindex 0\n\n${checkpoint}`)
  })

  test('is read back as it was', () => {
    const hashes = fc.array(fc.string().map(leafOf), { maxLength: 60 })
    const property = fc.property(fc.maxSafeNat(), hashes, (index, hashes) => {
      const proof = { index, hashes, checkpoint }
      expect(parseTlogProof(formatTlogProof(proof))).toEqual(proof)
    })
    fc.assert(property)
  })

  test('may carry data of somebody else, which is passed over', () => {
    const text = `${HEADER}\nextra YWJj\nindex 7\n${HASH}\n\n${checkpoint}`
    expect(parseTlogProof(text)).toEqual({ index: 7, hashes: [hash], checkpoint })
  })

  test.each([
    ['nothing', ''],
    ['only its first line', `${HEADER}\n`],
    ['no blank line', `${HEADER}\nindex 7\n${HASH}\n`],
    ['another first line', `c2sp.org/tlog-proof@v2\nindex 7\n\n${checkpoint}`],
    ['something before its first line', `\n${HEADER}\nindex 7\n\n${checkpoint}`],
    ['a byte order mark', `\ufeff${HEADER}\nindex 7\n\n${checkpoint}`],
    ['no index', `${HEADER}\n${HASH}\n\n${checkpoint}`],
    ['no index and no hashes', `${HEADER}\n\n${checkpoint}`],
    ['an index without a number', `${HEADER}\nindex \n\n${checkpoint}`],
    ['an index with a zero before it', `${HEADER}\nindex 07\n\n${checkpoint}`],
    ['an index below zero', `${HEADER}\nindex -7\n\n${checkpoint}`],
    ['an index with a fraction', `${HEADER}\nindex 7.0\n\n${checkpoint}`],
    ['an index with two spaces', `${HEADER}\nindex  7\n\n${checkpoint}`],
    ['an index that no number holds exactly', `${HEADER}\nindex 9007199254740992\n\n${checkpoint}`],
    ['two indexes', `${HEADER}\nindex 7\nindex 7\n\n${checkpoint}`],
    ['its data after the index', `${HEADER}\nindex 7\nextra YWJj\n\n${checkpoint}`],
    ['data twice', `${HEADER}\nextra YWJj\nextra YWJj\nindex 7\n\n${checkpoint}`],
    ['a hash that is too short', `${HEADER}\nindex 7\n${hash.toString('base64', 0, 31)}\n\n${checkpoint}`],
    ['a hash that is too long', `${HEADER}\nindex 7\n${Buffer.alloc(33).toString('base64')}\n\n${checkpoint}`],
    ['a hash in base64 that has another form too', `${HEADER}\nindex 7\n${'A'.repeat(42)}B=\n\n${checkpoint}`],
    ['a hash in hexadecimal', `${HEADER}\nindex 7\n${hash.toString('hex')}\n\n${checkpoint}`],
    ['a space after a hash', `${HEADER}\nindex 7\n${HASH} \n\n${checkpoint}`],
    ['carriage returns', `${HEADER}\nindex 7\n${HASH}\n\n${checkpoint}`.replaceAll('\n', '\r\n')],
  ])('is refused with %s', (_, text) => {
    expect(() => parseTlogProof(text)).toThrow(NoteError)
  })
})
