import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { formatCheckpoint } from '../../src/audit/tree/checkpoint.ts'
import { leafHash, leafRecord } from '../../src/audit/tree/leaf.ts'
import { Signer } from '../../src/audit/tree/note.ts'
import { inclusionProof, rootAt } from '../../src/audit/tree/proofs.ts'
import { formatTlogProof } from '../../src/audit/tree/tlog-proof.ts'
import { temporaryFolder } from '../support/chatwarden.ts'
import { leafFields } from '../support/entries.ts'
import { KeptTiles } from '../support/kept-tiles.ts'
import { leafOf } from '../support/naive-tree.ts'
import { runPython } from '../support/python.ts'

// Every sign that JSON escapes in a way of its own, those that it need not, and some that it must not.
const SPECIAL = `${Array.from({ length: 0x20 }, (_, n) => String.fromCharCode(n)).join('')}"\\/\u007f\u0080\u2028\u2029é😀\uFFFD`

const folder = temporaryFolder(afterAll)
const signer = Signer.generate('example.com/chatwarden')
const entry = leafFields({ description: SPECIAL, metadata: JSON.stringify({ reason: SPECIAL }) })
const record = leafRecord(entry)
let files = 0

/** Writes a text to a file of its own. */
function file(text: string): string {
  const path = join(folder, `${files++}`)
  writeFileSync(path, text)
  return path
}

/** A proof for the entry, at that place among others. */
async function proofOf(index: number, size: number, by = signer): Promise<string> {
  const leaves = Array.from({ length: size }, (_, n) => (n === index ? leafHash(entry) : leafOf(`leaf ${n}`)))
  const { read } = KeptTiles.of(leaves)
  const root = await rootAt(size, read)
  const checkpoint = by.sign(formatCheckpoint({ origin: 'example.com/chatwarden', size, root }))
  return formatTlogProof({ index, hashes: await inclusionProof(index, size, read), checkpoint })
}

function verify(proof: string, json = record, key = `${signer.verifier}`) {
  return runPython(['examples/verify-proof.py', file(proof), file(json), key])
}

describe('a stranger with nothing but Python', () => {
  test.each([
    [0, 1],
    [1, 2],
    [2, 3],
    [4, 7],
    [255, 256],
    [256, 300],
    [66_559, 66_560],
  ])('finds that entry %i of %i is proved', async (index, size) => {
    const { code, stdout, stderr } = await verify(await proofOf(index, size))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`leaf hash of the entry is ${leafHash(entry).toString('hex')}.`)
    expect(stdout).toContain(`as number ${index}, to the root`)
    expect(stdout).toContain(`of ${size} entries.\nThat root is signed by ${signer.verifier} for the log example.com/`)
  })

  test('finds it whatever way the entry is written', async () => {
    const reversed = Object.fromEntries(Object.entries(JSON.parse(record)).reverse())
    const { code, stderr } = await verify(await proofOf(2, 5), JSON.stringify(reversed, null, '\t'))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  test('takes no notice of extra data, further lines of the checkpoint and signatures of others', async () => {
    const text = formatCheckpoint({ origin: 'example.com/chatwarden', size: 1, root: leafHash(entry) })
    const witness = Signer.generate('witness').sign(`${text}more\n`)
    const checkpoint = `${witness}${signer.sign(`${text}more\n`).slice(text.length + 'more\n\n'.length)}`
    const { code, stderr } = await verify(`c2sp.org/tlog-proof@v1\nextra YWJj\nindex 0\n\n${checkpoint}`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  test.each<[string, string, (proof: string) => string]>([
    ['another index', 'leads to another root', (proof) => proof.replace('index 3', 'index 2')],
    ['an index beyond the size', 'has no entry 7', (proof) => proof.replace('index 3', 'index 7')],
    ['a hash too few', 'too short', (proof) => proof.replace(/\n[^\n]+\n\n/, '\n\n')],
    ['a hash too many', 'too long', (proof) => proof.replace(/(\n[^\n]+)\n\n/, '$1$1\n\n')],
    [
      'hashes in another order',
      'leads to another root',
      (proof) => proof.replace(/\n(.{44})\n(.{44})\n/, '\n$2\n$1\n'),
    ],
    ['a hash that is cut', '32 bytes are needed', (proof) => proof.replace(/\n.{44}\n/, '\nAAAA\n')],
    ['another size', 'signature of the checkpoint is wrong', (proof) => proof.replace('\n7\n', '\n8\n')],
    ['another signature', 'wrong', (proof) => proof.replace(/(.{8})\n$/, (_, end) => `${end.replace(/./, other)}\n`)],
    ['no signature', 'not a signed note', (proof) => proof.slice(0, proof.indexOf('—'))],
    ['another header', 'does not begin as a proof', (proof) => proof.replace('@v1', '@v2')],
    ['carriage returns', 'does not begin as a proof', (proof) => proof.replaceAll('\n', '\r\n')],
  ])('does not take a proof with %s', async (_, reason, change) => {
    const { code, stdout, stderr } = await verify(change(await proofOf(3, 7)))
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(reason) })
    expect(stdout).not.toContain('signed')
  })

  test.each<[string, string, (json: string) => string]>([
    ['a letter changed', 'leads to another root', (json) => json.replace('OWNER', 'ADMIN')],
    ['a field left out', 'leads to another root', (json) => json.replace('"user_id":"user_123",', '')],
    ['a null', 'is not a text', (json) => json.replace('"v":1', '"channel_id":null,"v":1')],
    ['a field twice', 'twice', (json) => json.replace('"v":1', '"user_role":"OWNER","v":1')],
    ['another version', 'version 2 are not known', (json) => json.replace('"v":1', '"v":2')],
    ['half a character', 'surrogates', (json) => json.replace('OWNER', '\\ud800')],
    ['no JSON', 'NOT PROVED', () => '{'],
    ['no object', 'not a JSON object', () => '[]'],
  ])('does not take an entry with %s', async (_, reason, change) => {
    const { code, stderr } = await verify(await proofOf(3, 7), change(record))
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(reason) })
  })

  test('does not take what somebody else signed, even under the same name', async () => {
    const impostor = Signer.generate(signer.verifier.name)
    const { code, stderr } = await verify(await proofOf(3, 7, impostor))
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('is not signed by') })
  })

  test('does not take what the same key signed for another log', async () => {
    const checkpoint = signer.sign(formatCheckpoint({ origin: 'example.com/other', size: 1, root: leafHash(entry) }))
    const { code, stdout, stderr } = await verify(`c2sp.org/tlog-proof@v1\nindex 0\n\n${checkpoint}`)
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('is of the log example.com/other') })
    expect(stdout).not.toContain('signed')
  })

  test.each([
    ['of no form', 'PRIVATE'],
    ['with the id of another', `${signer.verifier}`.replace(/\+[0-9a-f]{8}\+/, '+00000000+')],
  ])('does not take a key %s', async (_, key) => {
    expect(await verify(await proofOf(0, 1), record, key)).toMatchObject({ code: 1 })
  })

  test('is told how to use it', async () => {
    const { code, stderr } = await runPython(['examples/verify-proof.py'])
    expect(code).toBe(1)
    expect(stderr).toContain('PROOF.tlog-proof ENTRY.json VERIFIER_KEY')
  })
})

/** Another letter of base64. */
function other(letter: string): string {
  return letter === 'A' ? 'B' : 'A'
}
