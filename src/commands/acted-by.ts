import type { Actor } from '../audit/entry/entry.ts'
import type { User } from '../roles/user.ts'
import type { Texts } from '../text/english.ts'

/** The caller in a sentence, with who typed in their place if somebody did, and who had asked for what they confirmed. */
export const actedBy = (
  { account, name, role, operator, userId }: Actor,
  { actor }: Texts,
  requestedBy?: User,
): string =>
  actor.line(account, name ?? null, role) +
  (operator === undefined ? '' : actor.typedBy(operator)) +
  (requestedBy === undefined || requestedBy.id === userId ? '' : actor.askedBy(requestedBy.account))
