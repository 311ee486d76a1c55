import type { WhatsAppParts } from '../chat/whatsapp/whatsapp.ts'
import { wasProcessed } from '../commands/inbox.repository.ts'
import type { Config } from '../config.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/log.ts'
import type { IncomingMessage } from '../kernel/message.ts'
import { findAccount, findAccountOf, saveAccount } from '../roles/known-account.repository.ts'
import { pinsOf } from '../roles/pin.repository.ts'
import { atLeast } from '../roles/role.ts'
import { findUser } from '../roles/stored-user.repository.ts'
import { effectiveRole } from '../roles/user.ts'
import type { Database } from '../storage/contract.ts'
import { english } from '../text/english.ts'

/** What the WhatsApp transport needs of the rest, which it knows nothing of. */
export function whatsAppParts(
  { whatsapp: options }: Config,
  database: Database,
  isCommand: (message: IncomingMessage) => boolean,
  clock: Clock,
  log: Logger,
): WhatsAppParts {
  const { reader } = database
  return {
    options,
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
