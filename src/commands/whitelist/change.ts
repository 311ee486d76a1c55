import type { Account } from '../../kernel/account.ts'
import { knownAs, setWhitelisted } from '../../roles/access-service.ts'
import { actedBy } from '../acted-by.ts'
import type { CommandContext, Commit } from '../command.ts'
import { accessDenied } from '../user/access.ts'

/** What `add` and `remove` have in common. */
export function changeWhitelist(context: CommandContext, target: Account, wanted: boolean): Commit {
  const { clock, texts } = context
  return async (tx, { actor, place }) => {
    const known = await knownAs(tx, target)
    if (known !== undefined) return { kind: 'usage', text: texts.role.knownAs(target, known.account) }
    const result = await setWhitelisted(tx, { actor, place, target }, wanted, clock)
    if (result.kind === 'denied')
      return accessDenied(context, wanted ? 'WHITELIST_ADD' : 'WHITELIST_REMOVE', target, result)
    if (result.kind === 'unchanged') return { kind: 'answered', text: texts.access.whitelistUnchanged(target, wanted) }
    return { kind: 'answered', text: texts.access.whitelistChanged(target, wanted, actedBy(actor, texts)) }
  }
}
