import { ChatwardenError } from '../../kernel/errors.ts'
import { isMissing } from '../../storage/beside-database.ts'
import { readNote, type Signer } from '../tree/note.ts'
import { SigningKey, type SigningKeyConfig } from './signing-key.ts'
import { readHead } from './trail.repository.ts'

/** Whether the last to sign was this key: where two did, the first one was retired by it. */
export function isSignedBy(checkpoint: string, { verifier }: Pick<Signer, 'verifier'>): boolean {
  const last = readNote(checkpoint).signatures.at(-1)
  return last?.keyId === verifier.keyId && last.name === verifier.name
}

/**
 * @throws {ChatwardenError} `CONFIG_INVALID` if the trail is signed by another key than this one, or the key has signed one
 * that is not there: another would begin in its name.
 */
export async function checkSigningKey(reader: Parameters<typeof readHead>[0], key: SigningKey): Promise<void> {
  // Asked first: what another process begins meanwhile is there when its key is in place.
  const { isInPlace } = key
  const { checkpoint, size } = await readHead(reader)
  if (isInPlace && size === 0 && checkpoint === '') throw lostTrail(key)
  checkHeadKey(checkpoint, key)
  if (size > 0) key.settle()
}

/** Before a database is made where there is none. @throws {ChatwardenError} `CONFIG_INVALID` as `checkSigningKey`. */
export function checkNotLost(config: SigningKeyConfig): void {
  const key = new SigningKey(config)
  if (key.isInPlace && isMissing(config.databaseUrl)) throw lostTrail(key)
}

/** What to do where a key has signed a trail that is not there. */
export const lostTrail = ({ path }: SigningKey): ChatwardenError =>
  new ChatwardenError(
    'CONFIG_INVALID',
    `There is no trail in DATABASE_URL, and the key ${path} has signed one. Put the database back, or a backup of it: chatwarden restore DIR. To begin another trail, move the key away.`,
  )

/** The same as `checkSigningKey`, of a checkpoint that was read. */
export function checkHeadKey(checkpoint: string, key: SigningKey): void {
  const isSigned = isReadable(checkpoint)
  // A new key in place of a lost one would only hide that it is lost.
  if (isSigned && key.isMissing) throw wrongKey(checkpoint, key)
  key.current()
  if (isSigned) checkKey(checkpoint, key)
}

/**
 * The key may have been replaced since it was read, or a crash may have kept the next one from being taken up.
 * @throws {ChatwardenError} `CONFIG_INVALID`
 */
export function checkKey(checkpoint: string, key: SigningKey): void {
  if (isSignedBy(checkpoint, key.current()) || isSignedBy(checkpoint, key.refresh())) return
  const prepared = key.prepared()
  if (prepared !== undefined && isSignedBy(checkpoint, prepared)) key.takeUp(prepared)
  // Another process may have taken it up since.
  else if (!isSignedBy(checkpoint, key.refresh())) throw wrongKey(checkpoint, key)
}

function wrongKey(checkpoint: string, key: SigningKey): ChatwardenError {
  const { name, keyId } = readNote(checkpoint).signatures.at(-1) ?? { name: '?', keyId: '?' }
  const signed = `the trail is signed by ${name}+${keyId}`
  if (!key.isConfigured && !key.isInPlace)
    return new ChatwardenError(
      'CONFIG_INVALID',
      `There is no key ${key.path}, and ${signed}. Put it back, or set AUDIT_SIGNING_KEY to it. If it is lost: chatwarden key rotate --lost`,
    )
  const { verifier } = key.current()
  const where = key.isConfigured ? 'AUDIT_SIGNING_KEY' : key.path
  return new ChatwardenError(
    'CONFIG_INVALID',
    `${where} is the key ${verifier.name}+${verifier.keyId}, and ${signed}. Put that key back, or hand over to this one with: chatwarden key rotate --old FILE`,
  )
}

/** A head that is damaged keeps nobody from looking; who wants to write is told. */
function isReadable(checkpoint: string): boolean {
  try {
    return readNote(checkpoint).signatures.length > 0
  } catch {
    return false
  }
}
