import { expect, test } from 'vitest'
import { eachNode, type Node, type Source, sources } from '../support/sources.ts'

/** What makes a stream, or a process with some: one whose `error` nobody takes ends the whole process with a stack. */
const MAKERS =
  /^(?:create(?:ReadStream|WriteStream|Gzip|Gunzip|Deflate|Inflate|Brotli\w+|Server|Connection)|spawn|exec|execFile|fork|connect|pipeline|(?:Readable|Duplex)\.from|PassThrough|Transform|Readable|Writable|Duplex|Worker|Socket|Pool|(?:Session)?Client|Query)$/

/** Statements that wait for what they are given, and throw its errors: none is left over. */
const WAITING =
  /^(?:(?:const .{1,80}? = )?await |return (?:await )?)(?:pipeline|sha256Of)\(|^(?:yield\* |for await \()/s

/** All others: where they are made, and who takes their errors. */
const TAKEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'audit/export/exporter.ts': { Transform: 'The pipeline that it is put into.' },
  'audit/export/records.ts': { pipeline: 'The parser.', 'Readable.from': 'The pipeline, and through it the parser.' },
  'audit/export/unpacked.ts': { pipeline: 'Whoever reads what it returns.', createGunzip: 'The pipeline.' },
  'commands/audit/history.ts': { createWriteStream: 'finished(), which is caught at once and awaited at the end.' },
  'move/beside.ts': { createReadStream: 'A listener at once; whoever reads on gets it too.' },
  'objects/s3-upload.ts': { createReadStream: 'A listener at once; the upload that reads it gets it too.' },
  'objects/s3.ts': { connect: 'No stream: it makes the client of the library.' },
  'storage/integrity-thread.ts': { Worker: 'reject.' },
  'storage/postgresql/client.ts': { SessionClient: 'A listener of its own; whoever asks next gets it.' },
  'storage/postgresql/programs.ts': { spawn: 'reject; its pipes end with it.' },
}

const nameOf = ({ callee }: Node, { text }: Source): string => text.slice((callee as Node).start, (callee as Node).end)

/** The calls in a file that make streams, but for those whose statement waits for them. */
function leftOver(source: Source): string[] {
  const statements: Node[] = []
  const calls: Node[] = []
  eachNode(source.program, (node) => {
    if (/(?:Statement|Declaration)$/.test(node.type) && node.type !== 'BlockStatement') statements.push(node)
    const isCall = node.type === 'CallExpression' || node.type === 'NewExpression'
    if (isCall && MAKERS.test(nameOf(node, source))) calls.push(node)
  })
  const innermost = ({ start, end }: Node) =>
    statements.filter((each) => each.start <= start && each.end >= end).sort((a, b) => b.start - a.start)[0]
  return calls
    .filter((call) => {
      const statement = innermost(call)
      return statement === undefined || !WAITING.test(source.text.slice(statement.start, statement.end))
    })
    .map((call) => nameOf(call, source))
}

test('every stream’s errors are thrown where it is waited for, or it is listed who takes them', () => {
  const found = sources().flatMap((source) => {
    const names = [...new Set(leftOver(source))].sort()
    return names.length === 0 ? [] : [[source.file, names] as const]
  })
  const listed = Object.entries(TAKEN).map(([file, names]) => [file, Object.keys(names).sort()] as const)
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(listed))
})
