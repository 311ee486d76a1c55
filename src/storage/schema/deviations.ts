import { identityOf, inWords, type SchemaObject } from './schema-object.ts'

/** What of a database is otherwise than the migrations make it. */
export interface Deviations {
  /** What can change, hide or let go rows, each in a few words. No bot works on such a database. */
  readonly refused: readonly string[]
  /** Triggers of ours that do not work, and can be put back. */
  readonly missing: readonly MissingTrigger[]
  /** What somebody else has in the database and nothing of ours is touched by, each in a few words. */
  readonly foreign: readonly string[]
}

export interface MissingTrigger {
  /** In a few words. */
  readonly what: string
  /** SQL that gives a row where it works. */
  readonly question: string
  /** SQL that puts it back. */
  readonly statement: string
}

/** What a kind of database knows of its objects. */
interface Judgement {
  /** Whether an object that no migration makes can change, hide or let go rows of ours; `undefined`: it is not worth a word. */
  isHarmful(object: SchemaObject): boolean | undefined
  /** How a trigger of ours comes to work again, which is otherwise or not there; `undefined`: it is another by now. */
  putBack(expected: SchemaObject, found: SchemaObject | undefined): Omit<MissingTrigger, 'what'> | undefined
}

/** Compares what is there with what the migrations make. */
export function deviationsOf(
  expected: readonly SchemaObject[],
  found: readonly SchemaObject[],
  { isHarmful, putBack }: Judgement,
): Deviations {
  const refused: string[] = []
  const missing: MissingTrigger[] = []
  const foreign: string[] = []
  const there = new Map<string, SchemaObject>()
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
    const harm = isHarmful(object)
    if (harm === true) refused.push(`${inWords(object)} is not of Chatwarden`)
    else if (harm === false) foreign.push(inWords(object))
  }
  return { refused, missing, foreign }
}
