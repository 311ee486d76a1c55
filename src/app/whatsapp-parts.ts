import type { KnownAccount as KnownOnWhatsApp } from '../chat/whatsapp/stores.ts'
import type { WhatsAppParts } from '../chat/whatsapp/whatsapp.ts'
import { wasProcessed } from '../commands/inbox.repository.ts'
import { type Account, idOf } from '../kernel/account.ts'
import { findAccount, findAccountOf, type KnownAccount, saveAccount } from '../roles/known-account.repository.ts'
import { isTaken } from '../roles/link.repository.ts'
import { atLeast } from '../roles/role.ts'
import { findUser } from '../roles/stored-user.repository.ts'
import { effectiveRole } from '../roles/user.ts'
import { english } from '../text/english.ts'
import type { Ground } from './ground.ts'
import type { TrailParts } from './trail-parts.ts'

/** What the WhatsApp transport needs of the rest, which it knows nothing of. */
export function whatsAppParts(
  { config, reader, seals, clock, heard, log }: Ground,
  { writer }: Pick<TrailParts, 'writer'>,
  { isCommand, arrive }: Pick<WhatsAppParts, 'isCommand' | 'arrive'>,
): WhatsAppParts {
  const mayName = async (account: Account) => atLeast(effectiveRole(await findUser(reader, account)), 'OPERATOR')
  return {
    options: config.whatsapp,
    accounts: {
      find: async (lid) => onWhatsApp(await findAccount(reader, `whatsapp:${lid}`, seals)),
      findOf: async (phone) => onWhatsApp(await findAccountOf(reader, phone, seals)),
      save: (known) => writer.transaction((tx) => saveAccount(tx, { ...known, account: `whatsapp:${known.account}` })),
      matters: async (phone) => (await mayName(phone)) || (await isTaken(reader, phone)),
      mayName,
    },
    inbox: { wasHandled: (id) => wasProcessed(reader, { source: 'whatsapp', id }) },
    isCommand,
    arrive,
    heard,
    texts: english,
    clock,
    log,
  }
}

/** As the platform itself writes the account. */
const onWhatsApp = (known: KnownAccount | undefined): KnownOnWhatsApp | undefined =>
  known && { ...known, account: idOf(known.account) }
