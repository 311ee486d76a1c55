import { sha256OfText } from '../../kernel/sha256.ts'
import { identityOf, inWords, type SchemaObject } from './schema-object.ts'

/** What of a database is otherwise than the migrations make it. */
export interface Deviations {
  /** What can change, hide or let go rows, each in a few words. No bot works on such a database. */
  readonly refused: readonly string[]
  /** Triggers of ours that do not work, and can be put back. */
  readonly missing: readonly MissingTrigger[]
  /** What somebody else has in the database, and nothing of ours is touched by. */
  readonly foreign: readonly ForeignObject[]
  /** Whether rows may be read: that nothing of somebody else's runs when they are. */
  readonly isReadable: boolean
}

export interface MissingTrigger {
  /** In a few words. */
  readonly what: string
  /** SQL that gives a row where it works. */
  readonly question: string
  /** SQL that puts it back. */
  readonly statement: string
}

export interface ForeignObject {
  /** In a few words. */
  readonly what: string
  /** By which it is known again: another one of the same name has another. */
  readonly digest: string
}

/** Without any of these tables a database has no trail, whatever else is in it. */
export const TRAIL = ['_prisma_migrations', 'audit_logs', 'audit_head']

export const NONE: Deviations = { refused: [], missing: [], foreign: [], isReadable: true }

/** Where it can't be known what the schema should be. */
export const OTHER_MIGRATIONS = 'the migrations that it says it has are not those of this version'

/** What is let be: by its name, and by what makes it what it is. */
export function foreignObject(object: SchemaObject): ForeignObject {
  const text = `${identityOf(object)}${object.definition}`
  return { what: inWords(object), digest: sha256OfText(text).slice(0, 16) }
}

/** What a kind of database knows of its objects. */
interface Judgement<Found extends SchemaObject> {
  /** What of an object that no migration makes: it can change, hide or let go rows of ours; it is let be; or it is not worth a word. */
  judge(object: Found): 'harmful' | 'foreign' | 'ignored'
  /** How a trigger of ours comes to work again, which is otherwise or not there; `undefined`: it is another by now. */
  putBack(expected: SchemaObject, found: SchemaObject | undefined): Omit<MissingTrigger, 'what'> | undefined
}

/** Compares what is there with what the migrations make. */
export function deviationsOf<Found extends SchemaObject>(
  expected: readonly SchemaObject[],
  found: readonly Found[],
  { judge, putBack }: Judgement<Found>,
): Deviations {
  const refused: string[] = []
  const missing: MissingTrigger[] = []
  const foreign: ForeignObject[] = []
  const there = new Map<string, Found>()
  for (const object of found) {
    // Which of two the engine takes is nobody's to guess.
    if (there.has(identityOf(object))) refused.push(`${inWords(object)} is there twice`)
    there.set(identityOf(object), object)
  }
  for (const object of expected) {
    const own = there.get(identityOf(object))
    there.delete(identityOf(object))
    if (own?.definition === object.definition) continue
    const remedy = object.kind === 'trigger' ? putBack(object, own) : undefined
    if (remedy !== undefined)
      missing.push({ what: `${inWords(object)} is ${own === undefined ? 'missing' : 'switched off'}`, ...remedy })
    else refused.push(`${inWords(object)} is ${own === undefined ? 'missing' : 'not what this version makes'}`)
  }
  for (const object of there.values()) {
    const verdict = judge(object)
    if (verdict === 'harmful') refused.push(notOurs(object))
    if (verdict === 'foreign') foreign.push(foreignObject(object))
  }
  return { refused, missing, foreign, isReadable: true }
}

export const notOurs = (object: SchemaObject): string => `${inWords(object)} is not of Chatwarden`
