import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  findCheckpoint,
  formatCheckpoint,
  openCheckpoint,
  parseCheckpoint,
} from '../../../src/audit/tree/checkpoint.ts'
import { NoteError, openNote, Signer } from '../../../src/audit/tree/note.ts'
import { leafOf } from '../../support/naive-tree.ts'

const root = leafOf('root')
const ROOT = root.toString('base64')
const signer = Signer.generate('example.com/log')
const checkpoint = { origin: 'example.com/log', size: 42, root }
const note = signer.sign(formatCheckpoint(checkpoint))

describe('a checkpoint', () => {
  test('is three lines', () => {
    expect(formatCheckpoint(checkpoint)).toBe(`example.com/log\n42\n${ROOT}\n`)
  })

  test('is read back as it was', () => {
    const origin = fc.string({ minLength: 1 }).filter((text) => !text.includes('\n'))
    const property = fc.property(origin, fc.maxSafeNat(), fc.string(), (origin, size, text) => {
      const checkpoint = { origin, size, root: leafOf(text) }
      expect(parseCheckpoint(formatCheckpoint(checkpoint))).toEqual(checkpoint)
    })
    fc.assert(property)
  })

  test('may have more lines, which say nothing to us', () => {
    expect(parseCheckpoint(`a\n0\n${ROOT}\nmore\n and more\n`)).toEqual({ origin: 'a', size: 0, root })
    const lines = [
      `branch 42 ${ROOT}`,
      `branch 7 ${ROOT} more`,
      `branch 07 ${ROOT}`,
      'branch 7 AAAA',
      `Branch 7 ${ROOT}`,
    ]
    for (const line of lines)
      expect(parseCheckpoint(`a\n42\n${ROOT}\n${line}\n`)).toEqual({ origin: 'a', size: 42, root })
  })

  test('has a line for each time that the log left another', () => {
    const branches = [
      { index: 0, leaf: root },
      { index: 41, leaf: leafOf('x') },
    ]
    const text = formatCheckpoint({ ...checkpoint, branches })
    expect(text).toBe(`example.com/log\n42\n${ROOT}\nbranch 0 ${ROOT}\nbranch 41 ${leafOf('x').toString('base64')}\n`)
    expect(parseCheckpoint(text)).toEqual({ ...checkpoint, branches })
    expect(findCheckpoint(`Sent:\n${signer.sign(text)}Bye`)).toBe(signer.sign(text))
  })

  test.each([
    ['nothing', ''],
    ['no origin', `\n42\n${ROOT}\n`],
    ['no size', `a\n\n${ROOT}\n`],
    ['no root', 'a\n42\n'],
    ['an empty root', 'a\n42\n\n'],
    ['no newline at its end', `a\n42\n${ROOT}`],
    ['an empty line at its end', `a\n42\n${ROOT}\n\n`],
    ['an empty line among its further ones', `a\n42\n${ROOT}\nmore\n\nmore\n`],
    ['a size with a zero before it', `a\n042\n${ROOT}\n`],
    ['a size with a sign', `a\n+42\n${ROOT}\n`],
    ['a size below zero', `a\n-1\n${ROOT}\n`],
    ['a size with a fraction', `a\n1.5\n${ROOT}\n`],
    ['a size with an exponent', `a\n1e3\n${ROOT}\n`],
    ['a size in hexadecimal', `a\n0x10\n${ROOT}\n`],
    ['a size in other digits', `a\n٤٢\n${ROOT}\n`],
    ['a size with a space', `a\n42 \n${ROOT}\n`],
    ['a size that no number holds exactly', `a\n9007199254740992\n${ROOT}\n`],
    ['a root that is too short', `a\n42\n${root.toString('base64', 0, 31)}\n`],
    ['a root that is too long', `a\n42\n${Buffer.alloc(33).toString('base64')}\n`],
    ['a root without its padding', `a\n42\n${ROOT.slice(0, -1)}\n`],
    ['a root in base64 that has another form too', `a\n42\n${'A'.repeat(42)}B=\n`],
    ['a root in hexadecimal', `a\n42\n${root.toString('hex')}\n`],
    ['carriage returns', `a\r\n42\r\n${ROOT}\r\n`],
  ])('is refused with %s', (_, text) => {
    expect(() => parseCheckpoint(text)).toThrow(NoteError)
  })
})

describe('a signed checkpoint', () => {
  test('is of the log whose name its key has', () => {
    expect(openCheckpoint(note, [signer.verifier])).toEqual({ ...checkpoint, by: [signer.verifier] })
  })

  test('of another log is refused, whoever of those that are trusted signed it', () => {
    const other = signer.sign(formatCheckpoint({ ...checkpoint, origin: 'example.com/other' }))
    const witness = Signer.generate('example.com/other')
    expect(() => openCheckpoint(other, [signer.verifier])).toThrow(
      'is of "example.com/other", and the key that signed it of "example.com/log"',
    )
    expect(() => openCheckpoint(other, [signer.verifier, witness.verifier])).toThrow(NoteError)
  })
})

describe('a checkpoint in a chat message', () => {
  const twice = signer.sign(`${formatCheckpoint(checkpoint)}more\n`)

  test.each([
    ['alone', note],
    ['without the newline at its end', note.trimEnd()],
    ['with text around it', `Keep this, please:\n\n${note}\nThanks!`],
    ['with text right before and after it', `Checkpoint of today\n${note}sent by Chatwarden`],
    ['with carriage returns', `Keep this:\r\n${note.replaceAll('\n', '\r\n')}\r\nThanks`],
    ['quoted', `> Keep this:\n${note.replaceAll(/^/gm, '> ')}`],
    ['quoted twice, where clients leave out spaces', note.replaceAll(/^/gm, '>>')],
    ['indented, and with spaces at the ends of lines', note.replaceAll(/^/gm, '    ').replaceAll('\n', '  \n')],
    ['in a code block', `\`\`\`\n${note}\`\`\``],
    ['after a line that looks like a size', `7\n12\n${note}`],
    ['before another one', `${note}\n${signer.sign(formatCheckpoint({ ...checkpoint, size: 43 }))}`],
  ])('is found %s', (_, message) => {
    const found = findCheckpoint(message) ?? ''
    expect(found).toBe(note)
    expect(parseCheckpoint(openNote(found, [signer.verifier]).text)).toEqual(checkpoint)
  })

  test('is found with its further lines and all its signatures', () => {
    const other = Signer.generate('witness').sign(`${formatCheckpoint(checkpoint)}more\n`)
    const both = `${twice}${other.slice(other.indexOf('—'))}`
    expect(findCheckpoint(`Here:\n${both}Bye`)).toBe(both)
  })

  test.each([
    ['nothing', ''],
    ['other text', 'audit verify\nplease'],
    ['one without its signature', formatCheckpoint(checkpoint)],
    ['one without its origin', note.slice(note.indexOf('\n') + 1)],
    ['one without the blank line', note.replace('\n\n', '\n')],
    ['one whose root is cut', note.replace(ROOT, ROOT.slice(0, 20))],
  ])('is not found in %s', (_, message) => {
    expect(findCheckpoint(message)).toBeUndefined()
  })

  test('that somebody made up is found, and then refused', () => {
    const forged = findCheckpoint(note.replace('42', '43')) ?? ''
    expect(() => openNote(forged, [signer.verifier])).toThrow(NoteError)
  })
})
