import { describe, expect, test } from 'vitest'
import { EMPTY_ROOT, hashLeaf, hashNode } from '../../../src/audit/tree/hash.ts'
import { consistencyProof, inclusionProof, rootAt } from '../../../src/audit/tree/proofs.ts'
import { TreeEdge } from '../../../src/audit/tree/tiles.ts'
import { verifyConsistency, verifyInclusion } from '../../../src/audit/tree/verify-proofs.ts'
import { KeptTiles } from '../../support/kept-tiles.ts'
import { leafOf, NaiveTree } from '../../support/naive-tree.ts'

// The vectors that the implementations of Certificate Transparency share.
const INPUTS = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]
const H = {
  leaf0: '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  leaf1: '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
  leaf4: 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
  leaf6: 'b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f',
  '0-1': 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  '2-3': '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
  '4-5': '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
  '6-7': 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
  '0-3': 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4-7': '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
}

const leaves = INPUTS.map((input) => leafOf(Buffer.from(input, 'hex')))
const kept = KeptTiles.of(leaves)
const hex = (hashes: readonly Buffer[]): string[] => hashes.map((hash) => hash.toString('hex'))
const root = (size: number): Buffer => Buffer.from(ROOTS[size] ?? '', 'hex')
const named = (names: readonly (keyof typeof H)[]): string[] => names.map((name) => H[name])

describe('the known answers of Certificate Transparency', () => {
  test('a leaf without bytes, and the tree without leaves', () => {
    expect(hashLeaf('').toString('hex')).toBe(H.leaf0)
    expect(EMPTY_ROOT.toString('hex')).toBe(ROOTS[0])
    expect(TreeEdge.load(0, []).root()).toEqual(EMPTY_ROOT)
  })

  test('a leaf of text is hashed as UTF-8', () => {
    expect(hashLeaf('é😀')).toEqual(leafOf(Buffer.from('c3a9f09f9880', 'hex')))
  })

  test.each([0, 31, 33, 64])('a node is above two hashes, and not above %i bytes', (length) => {
    const [hash, other] = [leafOf(''), Buffer.alloc(length)]
    expect(() => hashNode(hash, other)).toThrow(RangeError)
    expect(() => hashNode(other, hash)).toThrow(RangeError)
  })

  test.each(ROOTS.map((root, size) => [size, root] as const))('the root of size %i', async (size, root) => {
    const edge = TreeEdge.load(0, [])
    edge.append(leaves.slice(0, size))
    expect(edge.root().toString('hex')).toBe(root)
    expect((await rootAt(size, kept.read)).toString('hex')).toBe(root)
    expect(new NaiveTree(leaves).root(size).toString('hex')).toBe(root)
  })

  test.each<[number, number, (keyof typeof H)[]]>([
    [0, 1, []],
    [0, 8, ['leaf1', '2-3', '4-7']],
    [5, 8, ['leaf4', '6-7', '0-3']],
    [2, 3, ['0-1']],
    [1, 5, ['leaf0', '2-3', 'leaf4']],
  ])('the proof that leaf %i is in the tree of size %i', async (index, size, names) => {
    const proof = await inclusionProof(index, size, kept.read)
    expect(hex(proof)).toEqual(named(names))
    expect(verifyInclusion(leaves[index] as Buffer, index, size, proof, root(size))).toBe(true)
  })

  test.each<[number, number, (keyof typeof H)[]]>([
    [1, 1, []],
    [1, 8, ['leaf1', '2-3', '4-7']],
    [6, 8, ['4-5', '6-7', '0-3']],
    [2, 5, ['2-3', 'leaf4']],
    [6, 7, ['4-5', 'leaf6', '0-3']],
  ])('the proof that the tree of size %i became that of size %i', async (size1, size2, names) => {
    const proof = await consistencyProof(size1, size2, kept.read)
    expect(hex(proof)).toEqual(named(names))
    expect(verifyConsistency(size1, size2, root(size1), root(size2), proof)).toBe(true)
  })
})
