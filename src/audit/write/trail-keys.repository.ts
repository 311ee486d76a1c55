import { objectIn } from '../../kernel/json.ts'
import type { Reader } from '../../storage/contract.ts'
import { IMPORTED } from '../entry/standing.ts'
import { NoteError, Verifier } from '../tree/note.ts'

/**
 * The keys that the trail says it was signed by before or is now, the given one among them: what was signed long ago
 * was signed by an older one.
 */
export async function trailKeys(db: Pick<Reader, '$queryRaw'>, current: Verifier): Promise<Verifier[]> {
  const rows = await db.$queryRaw<{ metadata: string }[]>`
    SELECT metadata FROM audit_logs WHERE action = 'AUDIT_KEY_ROTATED' AND source <> ${IMPORTED} ORDER BY seq`
  const texts = rows.flatMap(({ metadata }) => {
    const { oldKey, newKey } = objectIn(metadata) ?? {}
    return [oldKey, newKey].filter((key) => typeof key === 'string')
  })
  return [current, ...texts.flatMap(parsed)]
}

/** Of a key that was lost only the name is known. */
function parsed(text: string): Verifier[] {
  try {
    return [Verifier.parse(text)]
  } catch (error) {
    if (error instanceof NoteError) return []
    throw error
  }
}
