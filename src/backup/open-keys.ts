import { readNote } from '../audit/tree/note.ts'
import { isSignedBy } from '../audit/write/check-key.ts'
import { SigningKey, type SigningKeyConfig } from '../audit/write/signing-key.ts'
import { BackupError } from './backup-error.ts'
import type { KeyTexts } from './key-files.ts'

/**
 * The key that a trail is to go on with: the one in place, or the one that was copied beside the backup.
 * @throws {BackupError} saying what to do, if there is none or another one than signed the backup.
 */
export function keyToGoOn(config: SigningKeyConfig, copied: KeyTexts, backup: string, checkpoint: string): SigningKey {
  const own = new SigningKey(config)
  // One that a start made and that has signed nothing is none.
  const hasOwn = own.isConfigured || own.isInPlace
  if (!hasOwn && copied.signing === undefined) throw new BackupError(noKey(own.path, backup))
  const key = hasOwn ? own : new SigningKey({ ...config, signingKey: copied.signing })
  if (checkpoint === '' || isSignedBy(checkpoint, key.current())) return key
  const { name, keyId } = readNote(checkpoint).signatures.at(-1) ?? {}
  const { verifier } = key.current()
  const where = !hasOwn ? `the key beside the backup` : own.isConfigured ? 'AUDIT_SIGNING_KEY' : own.path
  throw new BackupError(
    `the backup is signed by ${name}+${keyId}, and ${where} is ${verifier.name}+${verifier.keyId}. Put that key in its place; a newer one can take over afterwards: chatwarden key rotate`,
  )
}

const noKey = (path: string, backup: string): string =>
  `there is no key ${path} to check the backup with and to go on with, and none beside the backup. Put it there, or set AUDIT_SIGNING_KEY. If it is lost, give a copy of the backup a new key and restore that copy; verification of the trail by its old key will say so:
  cp ${backup} rescue.db
  DATABASE_URL=file:rescue.db chatwarden key rotate --lost
  mv rescue.db.signing-key ${path}
  chatwarden restore rescue.db`
