import { auditEvent } from '../../audit/entry/entry.ts'
import type { Account } from '../../kernel/account.ts'
import { DAY } from '../../kernel/clock.ts'
import { isPhone } from '../../kernel/phone.ts'
import { blocksOn } from '../../roles/access-service.ts'
import { claimsOf } from '../../roles/claim.repository.ts'
import { type FoundPerson, findPerson } from '../../roles/person.ts'
import { atLeast } from '../../roles/role.ts'
import { effectiveRole, isWhitelisted } from '../../roles/user.ts'
import { person } from '../arguments/person.ts'
import { rest } from '../arguments/rest.ts'
import { type CommandContext, defineCommand, type Judgement, type Understood } from '../command.ts'

const commandLine = rest({ placeholder: '<command…>', limit: 200, problem: (texts) => texts.arguments.commandMissing })

export const why = defineCommand({
  words: ['role', 'why'],
  role: 'ADMIN',
  summary: 'Whether somebody could send a command at this moment, and by which rule. Nothing is carried out.',
  examples: ['role why +1234567890 audit list', 'role why +1234567890 role promote +1234567891 ADMIN'],
  sensitive: true,
  arguments: { target: person, command: commandLine },
  attemptedAction: () => 'EXPLAIN_PERMISSION',
  denial: (texts) => texts.denied.roles,
  run: async (context, { target, command: typed }) => {
    const { reader, texts, clock } = context
    const understood = context.understand(typed)
    if (understood === undefined) return async () => ({ kind: 'usage', text: texts.why.unknownCommand })
    const person = await findPerson(reader, target)
    const { user, userId } = person
    const judgement = await judge(context, person, target, understood)
    const claims = isPhone(target) ? await claimsOf({ db: reader, seals: context.seals }, target, clock.now(), DAY) : []
    const text = texts.why.answer({
      account: target,
      role: effectiveRole(user),
      command: written(understood),
      rule: judgement.allowed ? texts.why.role(judgement.role ?? understood.command.role) : judgement.text,
      note: judgement.allowed ? judgement.note : undefined,
      allowed: judgement.allowed,
      isPartial: !('values' in understood),
      hasClaim: claims.length > 0,
    })
    return async (tx, { actor, place }) => {
      await tx.append(auditEvent('USERS_VIEWED', actor, place, { view: 'why', targetUser: target }, userId))
      return { kind: 'answered', text }
    }
  },
})

/** As it was understood: numbers in their international form, and no text, which may be a secret. */
function written(understood: Understood | Pick<Understood, 'command'>): string {
  const { words, arguments: all } = understood.command
  const values = 'values' in understood ? understood.values : {}
  const shown = Object.entries(all).filter(([, argument]) => !argument.isFreeText)
  const texts = shown.map(([name]) => values[name]).filter((value) => typeof value === 'string' && value !== '')
  return [...words, ...texts].join(' ')
}

/** In the order of the router: block, whitelist, permission, policy. */
async function judge(
  context: CommandContext,
  person: FoundPerson,
  account: Account,
  understood: Understood | Pick<Understood, 'command'>,
): Promise<Judgement> {
  const { reader, clock, texts, time, settings, own } = context
  const { user } = person
  const [block] = await blocksOn({ db: reader, seals: context.seals }, person, clock.now())
  if (block !== undefined)
    return { allowed: false, text: texts.why.blocked(block.until === null ? undefined : time(block.until)) }
  if (settings.get(own.whitelistMode) && !(user !== undefined && isWhitelisted(user)))
    return { allowed: false, text: texts.why.notWhitelisted }
  const { command } = understood
  const role = effectiveRole(user)
  if (!atLeast(role, command.role)) return { allowed: false, text: texts.why.roleTooLow(command.role, role) }
  if (!('values' in understood) || command.judge === undefined) return { allowed: true }
  return command.judge(context, understood.values as never, account, role)
}
