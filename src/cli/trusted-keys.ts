import { existsSync, statSync } from 'node:fs'
import { UsageError } from '../app/usage-error.ts'
import { NoteError, Verifier } from '../audit/tree/note.ts'
import { SigningKey } from '../audit/write/signing-key.ts'
import type { Config } from '../config.ts'
import { Problem } from '../kernel/problem.ts'
import { readSmallSync } from '../kernel/small-text.ts'
import { fileNamed } from './given-path.ts'

/** Something without which nothing can be checked: said, and exit code 3. */
export class Unchecked extends Problem {}

/** Exit codes of what checks: nothing to object to; findings; could not check. */
export const EXIT = { clean: 0, findings: 5, unchecked: 3 } as const

/** A key as text, or the path of a file with one. */
export function readKey(given: string): Verifier {
  const text = existsSync(given) ? readText(given).trim() : given
  try {
    return Verifier.parse(text)
  } catch (error) {
    if (error instanceof NoteError) throw new UsageError(`--key ${given}: ${error.message}`)
    throw error
  }
}

/** The key that signs here. None is made: a new one has signed nothing. */
export function ownKey(config: Config): Verifier {
  const key = new SigningKey(config)
  if (!key.isConfigured && !existsSync(key.path))
    throw new Unchecked(`there is no key: neither --key, nor AUDIT_SIGNING_KEY, nor ${key.path}.`)
  return key.current().verifier
}

/** A text in UTF-8. @throws {Unchecked} for what cannot be read, or is none. */
export function readText(path: string): string {
  fileNamed('It', path, 'For what is piped in write /dev/stdin.')
  try {
    if (statSync(path).isCharacterDevice()) throw new Unchecked(`${path} is a device, and no file.`)
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readSmallSync(path))
  } catch (error) {
    if (error instanceof TypeError) throw new Unchecked(`${path} is no text in UTF-8.`)
    throw new Unchecked((error as Error).message)
  }
}
