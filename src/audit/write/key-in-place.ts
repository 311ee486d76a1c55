import { isSignedBy } from './check-key.ts'
import { type SigningKey, signerIn } from './signing-key.ts'

/**
 * What is wrong with the file of the key while a bot runs, which goes on with the key that it has read: the next start could
 * not. `undefined`: nothing.
 * @param checkpoint of the head that was signed last.
 */
export function keyFault(key: SigningKey, checkpoint: string): string | undefined {
  if (key.isConfigured || checkpoint === '') return undefined
  if (key.isMissing)
    return `The key that signs the trail, ${key.path}, is not there any more. Put it back before the bot is stopped: no start goes on without it.`
  try {
    // A key that takes over is in its place a moment after its first signature.
    const prepared = key.prepared()
    if (prepared !== undefined && isSignedBy(checkpoint, prepared)) return undefined
    if (!key.isInPlace || isSignedBy(checkpoint, signerIn(key.path))) return undefined
  } catch (error) {
    return `The key that signs the trail, ${key.path}, cannot be read: ${(error as Error).message}`
  }
  return `The key in ${key.path} is another one than signs the trail. Put the right one back before the bot is stopped: no start goes on without it.`
}
