import { z } from 'zod'
import { plainLine } from '../../kernel/plain-text.ts'
import { NoteError, openNote, type Signer, type Verifier } from '../tree/note.ts'

const VERSION = 'chatwarden-export/v1'

const number = z
  .string()
  .regex(/^\d{1,16}$/)
  .transform(Number)
const text = z.string().min(1)

/** What a manifest says, line by line: `name: value`. */
const FIELDS = z.strictObject({
  /** The name of the file. */
  file: text,
  /** SHA-256 of the file, in hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: number,
  format: z.enum(['json', 'jsonl', 'csv']),
  profile: z.enum(['moderation']).optional(),
  compression: z.enum(['gzip', 'none']),
  order: z.enum(['newest', 'oldest']),
  entries: number,
  /** The smallest and the largest `seq`, where there are entries. */
  'first-seq': number.optional(),
  'last-seq': number.optional(),
  /** What restricts the entries, as JSON: `{}` where nothing does. */
  filters: text,
  /** Erasures before this entry have been carried out in the file, where it is an archive. */
  'erased-through': number.optional(),
  'time-zone': text,
  'exported-by': text,
  'exported-at': z.iso.datetime(),
})

export type ManifestFields = z.output<typeof FIELDS>

export interface Manifest {
  readonly fields: ManifestFields
  /** The signed head of the trail when the file was made; empty for a trail without entries. */
  readonly checkpoint: string
  readonly by: readonly Verifier[]
}

/**
 * A signed note (C2SP signed-note): a first line that says what it is, a line for each field, an empty line, and the
 * checkpoint of the trail at that moment.
 */
export function signManifest(fields: ManifestFields, checkpoint: string, signer: Signer): string {
  const lines = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${plainLine(String(value), 20_000)}`)
  return signer.sign(`${[VERSION, ...lines].join('\n')}\n\n${checkpoint}`)
}

/** @throws {NoteError} for what is no manifest, or none that one of these keys signed. */
export function openManifest(note: string, trusted: readonly Verifier[]): Manifest {
  const { text, by } = openNote(note, trusted)
  const end = text.indexOf('\n\n')
  const [version, ...lines] = (end < 0 ? text : text.slice(0, end)).split('\n')
  if (version !== VERSION) throw new NoteError('This is no manifest of an export.')
  const pairs = lines.map((line): [string, string] => {
    const at = line.indexOf(': ')
    return [line.slice(0, at), line.slice(at + 2)]
  })
  const fields = FIELDS.safeParse(Object.fromEntries(pairs))
  if (!fields.success) throw new NoteError(`The manifest cannot be read: ${fields.error.issues[0]?.path.join('.')}.`)
  return { fields: fields.data, checkpoint: end < 0 ? '' : text.slice(end + 2), by }
}
