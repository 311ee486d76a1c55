import fc from 'fast-check'
import { ADMIN, OPERATOR, STRANGER, USER } from './chatwarden.ts'

/** Accounts of WhatsApp that tell no number. */
export const LIDS = ['1@lid', '2@lid', '3@lid']
export const PEOPLE = [ADMIN, OPERATOR, USER, STRANGER]
/** Whom commands name. */
export const NAMED = [...PEOPLE, ...LIDS]
const person = fc.constantFrom(...NAMED)
/** A command of an OWNER, about anybody. */
export const ownerCommand = fc.oneof(
  fc.tuple(person, fc.constantFrom('USER', 'OPERATOR', 'ADMIN')).map(([who, role]) => `role promote ${who} ${role}`),
  fc.tuple(person, fc.constantFrom('USER', 'OPERATOR')).map(([who, role]) => `role demote ${who} ${role}`),
  fc
    .tuple(
      fc.constantFrom(
        'role revoke',
        'whitelist add',
        'whitelist remove',
        'user block',
        'user unblock',
        'audit erase',
        'role confirm',
      ),
      person,
    )
    .map(([words, who]) => `${words} ${who}`),
  person.map((who) => `user block ${who} for 3 days`),
  fc
    .tuple(fc.constantFrom('add', 'remove'), fc.constantFrom(...NAMED, 'all'))
    .map(([what, who]) => `audit hold ${what} ${who}`),
  fc.constantFrom(
    'set retention-days 30',
    'set retention-days 400',
    'reset retention-days',
    'set page-size 3',
    'reset page-size',
  ),
  fc.constantFrom('audit checkpoint daily', 'audit checkpoint off', 'audit verify'),
)
