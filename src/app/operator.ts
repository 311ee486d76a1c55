import { hostname, userInfo } from 'node:os'
import type { Actor } from '../audit/entry/entry.ts'
import type { Account } from '../kernel/account.ts'
import { TRIAL_OWNER } from '../roles/user.ts'
import type { Chatwarden } from './chatwarden.ts'

/** Who sits at the machine, as the trail names them beside the person they act as: `user@host`. */
export function operatorName(): string {
  return `${userName()}@${hostname()}`
}

/** Who acts where a command of the machine's operator changes something in nobody's name. */
export const systemOperator = (): Actor => ({ account: 'SYSTEM', role: 'SYSTEM', operator: operatorName() })

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run as a user id that no name belongs to.
    return String(process.getuid?.() ?? 'unknown')
  }
}

/** Whom the terminal acts as: the trial owner as long as it is one, else the first owner there is. */
export async function terminalAccount({ UserRepository }: Pick<Chatwarden, 'UserRepository'>): Promise<Account> {
  const trial = await UserRepository.findByAccount(TRIAL_OWNER)
  if (trial?.role === 'OWNER') return TRIAL_OWNER
  const [owner] = await UserRepository.findByRole('OWNER', 1)
  return owner?.account ?? TRIAL_OWNER
}
