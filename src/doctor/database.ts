import { NAME_ANOTHER } from '../storage/foreign-file.ts'
import type { Inspection } from '../storage/inspect.ts'
import { PUT_ASIDE } from '../storage/obstacle.ts'
import type { Deviations } from '../storage/schema/deviations.ts'
import { type Finding, ok, problem, warning } from './finding.ts'

export function checkDatabase(found: Inspection): Finding {
  if (found.kind === 'missing') return ok('Database', `${found.path} does not exist yet; the first start makes it`)
  if (found.kind === 'damaged') return problem('Database', `${found.path}: ${found.detail}`, PUT_ASIDE)
  if (found.kind === 'foreign') return problem('Database', `${found.path} ${found.detail}`, NAME_ANOTHER)
  if (found.kind === 'unreadable') {
    const { text, advice = 'This user has to be able to read and write it, and its folder.' } = found.obstacle
    return problem('Database', `${found.path}: ${text}`, advice)
  }
  if (found.kind === 'altered') return checkSchema(found.deviations)
  const { path, entries, bytes, movedTo } = found
  if (movedTo !== undefined)
    return problem('Database', `${path}: the trail was moved to ${movedTo}`, 'Let DATABASE_URL name that database.')
  return ok('Database', `${path} is sound: ${entries} entries, ${Math.ceil(bytes / 2 ** 20)} MiB`)
}

/** Whether what the database does by itself is what the migrations make it do. */
export function checkSchema({ refused, missing, foreign }: Deviations): Finding {
  const name = 'Schema'
  if (refused.length > 0)
    return problem(
      name,
      `changed from outside: ${refused.join('; ')}`,
      'Remove what is not of Chatwarden, or put back a backup. Who did it could do more: see chatwarden verify.',
    )
  if (missing.length > 0)
    return warning(name, missing.map(({ what }) => what).join('; '), 'The next start puts it back, with an entry.')
  return ok(
    name,
    `as this version makes it${foreign.length === 0 ? '' : `; besides: ${foreign.map(({ what }) => what).join(', ')}`}`,
  )
}

/** Whether anybody can command the bot. The terminal makes its own owner where there is none. */
export function checkOwner(owners: number, configured: number, needsOwner: boolean): Finding {
  if (owners > 0) return ok('Owner', owners === 1 ? 'there is one' : `there are ${owners}`)
  if (configured > 0) return ok('Owner', `OWNER_PHONE_NUMBERS names ${configured}, who become OWNER at the next start`)
  if (!needsOwner) return ok('Owner', 'nobody yet; the terminal itself is one, for trying out')
  return problem(
    'Owner',
    'nobody',
    'Set OWNER_PHONE_NUMBERS to your number, for example OWNER_PHONE_NUMBERS=+15550001111.',
  )
}
