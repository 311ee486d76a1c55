import type { WhatsAppParts } from '../chat/whatsapp/whatsapp.ts'
import { wasProcessed } from '../commands/inbox.repository.ts'
import type { IncomingMessage } from '../kernel/message.ts'
import { findAccount, findAccountOf, saveAccount } from '../roles/known-account.repository.ts'
import { pinsOf } from '../roles/pin.repository.ts'
import { atLeast } from '../roles/role.ts'
import { findUser } from '../roles/stored-user.repository.ts'
import { effectiveRole } from '../roles/user.ts'
import { english } from '../text/english.ts'
import type { Ground } from './ground.ts'

/** What the WhatsApp transport needs of the rest, which it knows nothing of. */
export function whatsAppParts(
  { config, database, reader, clock, log }: Ground,
  isCommand: (message: IncomingMessage) => boolean,
): WhatsAppParts {
  return {
    options: config.whatsapp,
    accounts: {
      find: (account) => findAccount(reader, account),
      findOf: (phone) => findAccountOf(reader, phone),
      save: (known) => database.transaction((tx) => saveAccount(tx, known)),
      matters: async (phone) =>
        atLeast(effectiveRole(await findUser(reader, phone)), 'OPERATOR') || (await pinsOf(reader, phone)).length > 0,
    },
    inbox: { wasHandled: (id) => wasProcessed(reader, { source: 'whatsapp', id }) },
    isCommand,
    texts: english,
    clock,
    log,
  }
}
