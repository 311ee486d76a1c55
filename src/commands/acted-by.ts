import type { Actor } from '../audit/entry/entry.ts'
import type { Texts } from '../text/english.ts'

/** The caller in a sentence, with who typed in their place if somebody did. */
export const actedBy = ({ account, name, role, operator }: Actor, { actor }: Texts): string =>
  actor.line(account, name ?? null, role) + (operator === undefined ? '' : actor.typedBy(operator))
