import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { formatCheckpoint } from '../../src/audit/tree/checkpoint.ts'
import { hashLeaf, hashNode } from '../../src/audit/tree/hash.ts'
import { leafHash, leafHashOfJson, leafRecord } from '../../src/audit/tree/leaf.ts'
import { openNote, Signer, Verifier } from '../../src/audit/tree/note.ts'
import { inclusionProof } from '../../src/audit/tree/proofs.ts'
import { formatTlogProof, parseTlogProof } from '../../src/audit/tree/tlog-proof.ts'
import { verifyInclusion } from '../../src/audit/tree/verify-proofs.ts'
import { temporaryFolder } from '../support/chatwarden.ts'
import { ROOT } from '../support/child.ts'
import { leafFields } from '../support/entries.ts'
import { KeptTiles } from '../support/kept-tiles.ts'
import { runPython } from '../support/python.ts'

const page = readFileSync(join(ROOT, 'docs/trail.md'), 'utf8')

/** The example's block of that kind, which the page has once. */
function block(kind: string): string {
  const [found, ...more] = page.matchAll(new RegExp(`^\`\`\`${kind}\\n(.*?)^\`\`\`$`, 'gms'))
  if (found?.[1] === undefined || more.length > 0) throw new Error(`docs/trail.md needs one block ${kind}.`)
  return found[1]
}

const lines = (kind: string): string[] => block(kind).trimEnd().split('\n')
const hashes = (kind: string): Buffer[] => lines(kind).map((line) => Buffer.from(line, 'hex'))

const record = block('record').trimEnd()
const leaves = hashes('leaves')
const [first, own, third] = leaves as [Buffer, Buffer, Buffer]
const [node, root] = hashes('nodes') as [Buffer, Buffer]
const signer = Signer.parse(block('private-key'))

test('the record and the leaf hash are those of the entry', () => {
  expect(leafRecord(leafFields())).toBe(record)
  expect(leafHash(leafFields())).toEqual(own)
  expect(hashLeaf(record)).toEqual(own)
  expect(leafHashOfJson(block('entry'))).toEqual(own)
  expect(JSON.parse(block('entry'))).toEqual(JSON.parse(record))
})

test('the nodes are those above the leaves', () => {
  expect(hashNode(first, own)).toEqual(node)
  expect(hashNode(node, third)).toEqual(root)
})

test('the keys belong together, and the private one is what the page says', () => {
  expect(`${signer.verifier}`).toBe(block('public-key').trimEnd())
  const [, , , , encoded = ''] = block('private-key').trimEnd().split('+')
  expect([...Buffer.from(encoded, 'base64')]).toEqual([1, ...Array(32).keys()])
})

test('the checkpoint is of that root and signed with that key', () => {
  const text = formatCheckpoint({ origin: 'example.com/chatwarden', size: 3, root })
  expect(signer.sign(text)).toBe(block('checkpoint'))
  expect(openNote(block('checkpoint'), [Verifier.parse(block('public-key'))]).text).toBe(text)
})

test('the proof file is the one for the entry', async () => {
  const proof = await inclusionProof(1, 3, KeptTiles.of(leaves).read)
  expect(formatTlogProof({ index: 1, hashes: proof, checkpoint: block('checkpoint') })).toBe(block('tlog-proof'))
  expect(verifyInclusion(own, 1, 3, parseTlogProof(block('tlog-proof')).hashes, root)).toBe(true)
})

test('the command prints what the page says', async () => {
  const folder = temporaryFolder(onTestFinished)
  const [proof, entry] = [join(folder, 'example.tlog-proof'), join(folder, 'entry.json')]
  writeFileSync(proof, block('tlog-proof'))
  writeFileSync(entry, block('entry'))
  const [script = '', , , key = ''] = block('sh').replace('python3 ', '').replace('\\\n', '').trim().split(/\s+/)
  expect(await runPython([script, proof, entry, key])).toEqual({ code: 0, stdout: block('output'), stderr: '' })
})

test('every field of a record is in the table', () => {
  const all = leafFields({ channelId: 'a', requestId: 'b', ipAddress: 'c', userAgent: 'd' })
  const table = page.slice(page.indexOf('### The record'), page.indexOf('### The tree'))
  const named = [...table.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, names = '']) =>
    [...names.matchAll(/`(\w+)`( \?)?/g)].map(([, name, mark]) => ({ name, isOptional: mark !== undefined })),
  )
  expect(named.map(({ name }) => name).sort()).toEqual(Object.keys(JSON.parse(leafRecord(all))))
  const none = { userId: null, actorName: null, resourceType: null, resourceId: null, subjectId: null }
  const required = Object.keys(JSON.parse(leafRecord(leafFields(none))))
  expect(
    named
      .filter(({ isOptional }) => !isOptional)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(required)
})
