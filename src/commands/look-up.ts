import type { Account } from '../kernel/account.ts'
import type { NumberFound } from '../kernel/message.ts'
import { isPhone, type Phone } from '../kernel/phone.ts'
import type { PhoneProblem } from '../kernel/phone-spelling.ts'
import { plainNumber } from '../kernel/phone-text.ts'
import { findPerson, senderKey, whoOf } from '../roles/person.ts'
import { findUser, usersByDigits } from '../roles/stored-user.repository.ts'
import type { Caller, CommandContext, Commit, Services } from './command.ts'
import type { Parsed } from './parse-arguments.ts'
import type { Invocation } from './request.ts'

/** The two forms that a number may have, where that is why arguments could not be read. */
export function twoFormsOf(parsed: Parsed): readonly [Phone, Phone] | undefined {
  const problem = parsed.kind === 'invalid' ? (parsed.params as PhoneProblem | undefined) : undefined
  return problem?.kind === 'twofold' ? problem.forms : undefined
}

/** The one of two forms that somebody has on a platform; `undefined` where both have, none has, or nobody can tell. */
export async function tellForm(
  forms: readonly [Phone, Phone],
  { actor }: Caller,
  { findNumber }: Services,
): Promise<Phone | undefined> {
  const answers: NumberFound[] = []
  for (const form of forms) answers.push(await findNumber(form, senderKey(actor)))
  if (answers.some(({ kind }) => kind === 'unknown')) return undefined
  const found = new Set(answers.flatMap((answer) => (answer.kind === 'found' ? [answer.phone] : [])))
  const [only, another] = forms.filter((form) => found.has(form))
  return another === undefined ? only : undefined
}

/** What a platform says of the number that a command names, where nobody here has it: who mistypes one should see it. */
export async function lookUpNote(
  { command, values }: Invocation,
  services: CommandContext,
): Promise<string | undefined> {
  const { target } = values
  if (command.looksUp !== true || typeof target !== 'string') return undefined
  if (!isPhone(target)) return newHere(target as Account, services)
  if ((await findUser(services.reader, target)) !== undefined) return undefined
  const found = await services.findNumber(target, senderKey(services.caller.actor))
  const { nobodyHas, somebodyHas } = services.texts.arguments
  if (found.kind === 'found') return somebodyHas(found.phone)
  return found.kind === 'none' ? nobodyHas(target) : undefined
}

/** An account can't be looked up: whoever mistypes one sees that no entry is by or about it. */
async function newHere(target: Account, { reader, logs, texts }: CommandContext): Promise<string | undefined> {
  const who = whoOf(await findPerson(reader, target))
  const isKnown = (await logs.count({ by: who }, 1)) + (await logs.count({ about: who }, 1)) > 0
  return isKnown ? undefined : texts.arguments.newHere(target)
}

/** The one person here whose number ends in digits that were typed without a country, who may have been meant. */
export async function knownDigits(parsed: Parsed, { reader, texts }: Services): Promise<string | undefined> {
  const problem = parsed.kind === 'invalid' ? (parsed.params as PhoneProblem | undefined) : undefined
  if (parsed.kind !== 'invalid' || problem?.kind !== 'national') return undefined
  const digits = plainNumber(parsed.typed).replace(/^0+/, '')
  const [only, another] = await usersByDigits(reader, digits)
  return only === undefined || another !== undefined ? undefined : texts.arguments.knownDigits(only.account, only.name)
}

/** The same answer, with what a platform said besides. */
export const withNote =
  (commit: Commit, note: string | undefined): Commit =>
  async (tx, caller) => {
    const outcome = await commit(tx, caller)
    return note === undefined || outcome.kind !== 'answered'
      ? outcome
      : { ...outcome, text: `${outcome.text}\n${note}` }
  }
