import { createPrivateKey, sign } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromBase64 } from '../../../src/audit/tree/base64.ts'
import { formatCheckpoint, parseCheckpoint } from '../../../src/audit/tree/checkpoint.ts'
import { NoteError, openNote, readNote, Signer, Verifier } from '../../../src/audit/tree/note.ts'
import { leafOf } from '../../support/naive-tree.ts'

// The example of Go's sumdb/note, which signed-note was written down from.
const PUBLIC = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const PRIVATE = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz'
const TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
const SIGNATURE = 'x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM='
const LINE = `— PeterNeumann ${SIGNATURE}\n`
const NOTE = `${TEXT}\n${LINE}`

const peter = Verifier.parse(PUBLIC)
const other = Signer.generate('example.com/other')
const lineOf = (signer: Signer, text: string): string => signer.sign(text).slice(text.length + 1)

/** `base64` with the bit in its last sign that no byte has. */
const notCanonical = (base64: string): string => base64.replace(/M=$/, 'N=')

describe("the example of Go's sumdb/note", () => {
  test('is opened', () => {
    expect(openNote(NOTE, [peter])).toEqual({ text: TEXT, by: [peter] })
  })

  test('is signed byte for byte the same', () => {
    const signer = Signer.parse(PRIVATE)
    expect(signer.sign(TEXT)).toBe(NOTE)
    expect(signer.export()).toBe(PRIVATE)
    expect(signer.verifier.toString()).toBe(PUBLIC)
    expect(peter).toMatchObject({ name: 'PeterNeumann', keyId: 'c74f20a3' })
  })
})

describe('a key', () => {
  test('is read back from its text, with or without space around it', () => {
    const signer = Signer.generate('example.com/log')
    expect(Signer.parse(` ${signer.export()}\n`).sign('a\n')).toBe(signer.sign('a\n'))
    expect(Verifier.parse(` ${signer.verifier}\n`).toString()).toBe(`${signer.verifier}`)
  })

  test('has an id that depends on its name', () => {
    const bytes = fromBase64(PUBLIC.slice('PeterNeumann+c74f20a3+'.length))?.subarray(1) as Buffer
    expect(new Verifier('PeterNeumann', bytes).keyId).toBe('c74f20a3')
    expect(new Verifier('PeterNeumanm', bytes).keyId).not.toBe('c74f20a3')
  })

  test.each(['', 'a b', 'a+b', 'a\nb', 'a\u00a0b', 'a\u2028b', ' a', 'a\u0085b', 'a\ud800', '\udc00b'])(
    'cannot be called %j',
    (name) => {
      expect(() => Signer.generate(name)).toThrow(NoteError)
    },
  )

  test('can be called what is no space in Unicode, and is read back', () => {
    const { verifier } = Signer.generate('a\ufeffb/日志')
    expect(Verifier.parse(`${verifier}`).name).toBe('a\ufeffb/日志')
  })

  test('is refused in part, or with any letter changed', () => {
    for (const [text, parse] of [
      [PUBLIC, Verifier.parse],
      [PRIVATE, Signer.parse],
    ] as const) {
      const taken = []
      for (let from = 0; from <= text.length; from++)
        for (let to = from; to <= text.length; to++)
          if (to - from < text.length && !refuses(() => parse(text.slice(from, to)))) taken.push([from, to])
      for (let at = 0; at < text.length; at++) {
        const next = String.fromCharCode(text.charCodeAt(at) + 1)
        if (!refuses(() => parse(text.slice(0, at) + next + text.slice(at + 1)))) taken.push(at)
      }
      expect(taken).toEqual([])
    }
  })

  test.each([
    ['of another algorithm, with its right id', 'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'],
    ['too long, with its right id', 'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=='],
    ['with the id of another name', 'PeterNeumanm+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'],
    ['with an id in capitals', 'PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'],
    ['in base64 for addresses', 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq_LDE4izWy10TW'],
    ['without a name', '+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'],
    ['that is the private one', PRIVATE],
  ])('is refused %s', (_, text) => {
    expect(() => Verifier.parse(text)).toThrow(NoteError)
  })

  function refuses(parse: () => unknown): boolean {
    try {
      parse()
      return false
    } catch (error) {
      expect(error).toBeInstanceOf(NoteError)
      return true
    }
  }
})

describe('a note', () => {
  const line = fc
    .string({ unit: 'binary' })
    .map((text) => `${text.toWellFormed().replaceAll(/[^ -\u{10FFFF}]/gu, '')}\n`)
  const text = fc.array(line, { minLength: 1, maxLength: 5 }).map((lines) => lines.join(''))

  test('that was signed is opened as the text it was, blank lines and all', () => {
    const property = fc.property(text, (text) => {
      expect(openNote(other.sign(text), [peter, other.verifier])).toEqual({ text, by: [other.verifier] })
    })
    fc.assert(property)
  })

  test.each(['', 'a', 'a\r\n', '\ta\n', 'a\0\n', '\u001f\n'])('is not made of %j', (text) => {
    expect(() => other.sign(text)).toThrow(NoteError)
  })

  test('may be signed by others too, whose signatures count for nothing', () => {
    const theirs = lineOf(other, TEXT)
    expect(openNote(`${TEXT}\n${theirs}${LINE}${theirs}`, [peter]).by).toEqual([peter])
    expect(openNote(`${NOTE}— PeterNeumann AAAAAAAA\n`, [peter]).by).toEqual([peter])
    expect(openNote(`${NOTE}— Peter ${SIGNATURE}\n`, [peter]).by).toEqual([peter])
  })

  test('may be signed by several who are trusted, each of whom counts once', () => {
    const note = `${NOTE}${lineOf(other, TEXT)}${LINE}`
    expect(openNote(note, [other.verifier, peter]).by).toEqual([peter, other.verifier])
  })

  test('may have many signatures', () => {
    expect(openNote(`${TEXT}\n${lineOf(other, TEXT).repeat(99)}${LINE}`, [peter]).by).toEqual([peter])
    expect(() => openNote(`${TEXT}\n${lineOf(other, TEXT).repeat(100)}${LINE}`, [peter])).toThrow('too many signatures')
  })

  test('is valid UTF-8: half a character is refused, in its text and in a name', () => {
    expect(() => openNote(NOTE.replace('cryptography', 'crypto\ud800graphy'), [peter])).toThrow('no signed note')
    expect(() => openNote(NOTE.replace('— Peter', '— P\udc00'), [peter])).toThrow('no signed note')
    expect(() => other.sign('a\ud800\n')).toThrow(NoteError)
  })

  test('names those who claim to have signed it', () => {
    const { text, signatures } = readNote(`${NOTE}— b AAAAAAA=\n`)
    expect(text).toBe(TEXT)
    expect(signatures.map(({ name, keyId }) => [name, keyId])).toEqual([
      ['PeterNeumann', 'c74f20a3'],
      ['b', '00000000'],
    ])
    expect(signatures[1]?.signature).toEqual(Buffer.alloc(1))
  })

  const flipped = Buffer.from(SIGNATURE, 'base64')
  flipped.writeUInt8(flipped.readUInt8(20) ^ 1, 20)

  test.each([
    ['empty', ''],
    ['only a text', TEXT],
    ['without a signature', `${TEXT}\n`],
    ['without a blank line', `${TEXT}${LINE}`],
    ['without a newline at its end', NOTE.slice(0, -1)],
    ['with a blank line after its signatures', `${NOTE}\n`],
    ['with text after its signatures', `${NOTE}more\n`],
    ['with carriage returns', NOTE.replaceAll('\n', '\r\n')],
    ['with a carriage return in its text', `a\r\n\n${lineOf(other, 'a\n')}`],
    ['with a carriage return after its signature', NOTE.replace(/\n$/, '\r\n')],
    ['with a tab in its text', NOTE.replace(' you', '\tyou')],
    ['with a hyphen for the dash', NOTE.replace('—', '-')],
    ['with two spaces after the dash', NOTE.replace('— ', '—  ')],
    ['with a space after its signature', NOTE.replace(/\n$/, ' \n')],
    ['with a signature without a name', NOTE.replace('PeterNeumann ', '')],
    ['with a name with a plus sign', `${NOTE}— a+b AAAAAAAA\n`],
    ['with base64 that has another form too', NOTE.replace(SIGNATURE, notCanonical(SIGNATURE))],
    ['with base64 without its padding', NOTE.replace('nAM=', 'nAM')],
    ['with base64 for addresses', NOTE.replace('x08go/Z', 'x08go_Z')],
    ['with a signature that is only a key id', `${NOTE}— b AAAAAA==\n`],
    ['with a signature of nothing', NOTE.replace(SIGNATURE, '')],
    ['signed by somebody unknown', `${TEXT}\n${lineOf(other, TEXT)}`],
    ['signed with another key of the same name', `${TEXT}\n${lineOf(Signer.generate('PeterNeumann'), TEXT)}`],
    ['signed with the same key of another name', NOTE.replace('PeterNeumann', 'PeterNeumanm')],
    ['with a signature that has a bit changed', NOTE.replace(SIGNATURE, flipped.toString('base64'))],
    [
      'with a signature that is cut',
      NOTE.replace(SIGNATURE, Buffer.from(SIGNATURE, 'base64').toString('base64', 0, 60)),
    ],
    ['with a wrong signature beside a right one', `${NOTE}— PeterNeumann ${flipped.toString('base64')}\n`],
    ['of another text', NOTE.replace('cryptography', 'cryptographY')],
    ['of a text with one more line', `more\n${NOTE}`],
  ])('is refused: %s', (_, note) => {
    expect(() => openNote(note, [peter])).toThrow(NoteError)
  })

  test.each(['a\tb\n', 'a\r\n', '\0\n', 'a\u001f\n'])(
    'is refused with control characters, whoever signed: %j',
    (text) => {
      const seed = PRIVATE.slice('PRIVATE+KEY+PeterNeumann+c74f20a3+'.length)
      const der = Buffer.concat([
        Buffer.from('302e020100300506032b657004220420', 'hex'),
        Buffer.from(seed, 'base64').subarray(1),
      ])
      const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
      const signed = (text: string) => {
        const signature = Buffer.concat([Buffer.from('c74f20a3', 'hex'), sign(null, Buffer.from(text), key)])
        return `${text}\n— PeterNeumann ${signature.toString('base64')}\n`
      }
      expect(signed(TEXT)).toBe(NOTE)
      expect(() => openNote(signed(text), [peter])).toThrow('no signed note')
    },
  )

  test('is refused where nobody is trusted', () => {
    expect(() => openNote(NOTE, [])).toThrow('by none of the trusted keys')
  })

  test('that is a checkpoint is refused with any character changed, or says the same', () => {
    const checkpoint = { origin: 'example.com/log', size: 12_345, root: leafOf('root') }
    const signer = Signer.generate('example.com/log')
    const note = signer.sign(formatCheckpoint(checkpoint))
    const opened = (note: string) => parseCheckpoint(openNote(note, [signer.verifier]).text)
    expect(opened(note)).toEqual(checkpoint)
    const inserted = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 1 }),
      fc.constantFrom('\n', '\r', ' ', '0', '=', '+', '—'),
    )
    const removed = fc.constantFrom(0, 1)
    const property = fc.property(fc.nat(note.length), removed, inserted, (at, removed, inserted) => {
      const changed = note.slice(0, at) + inserted + note.slice(at + removed)
      try {
        expect(opened(changed)).toEqual(checkpoint)
      } catch (error) {
        expect(error).toBeInstanceOf(NoteError)
      }
    })
    fc.assert(property, { numRuns: 2000 })
  })
})

describe('base64', () => {
  test.each(['', 'AA==', 'AAA=', 'AAAA', '+/+/'])('%j is read', (text) => {
    expect(fromBase64(text)?.toString('base64')).toBe(text)
  })

  test.each(['A', 'AA', 'AAA', 'AA=', 'AB==', 'AAB=', '-_-_', ' AAAA', 'AAAA\n', 'AA AA', 'AAAA====', 'é'])(
    '%j is refused',
    (text) => {
      expect(fromBase64(text)).toBeUndefined()
    },
  )

  test('is refused if it has another length than was asked for', () => {
    expect(fromBase64('AAAA', 3)).toEqual(Buffer.alloc(3))
    expect(fromBase64('AAAA', 4)).toBeUndefined()
  })
})
