import type { Sender, Source } from '../kernel/message.ts'
import { accountOf, isLid, isPhone, type Phone, phoneOfAccount } from '../kernel/phone.ts'
import type { Reader } from '../storage/contract.ts'
import type { Block } from './block.repository.ts'
import { findPin, pinsOf } from './pin.repository.ts'
import { atLeast } from './role.ts'
import { findUser, findUserWithBlock } from './stored-user.repository.ts'
import { effectiveRole, TRIAL_OWNER, type User } from './user.ts'

/** Whose a sender is. */
export interface Identity {
  /** The number that the sender acts as; `undefined` if the platform does not tell it, or if it may be somebody else's. */
  readonly phone: Phone | undefined
  readonly user: User | undefined
  /** What keeps the user out at some time: see `isActive`. Of somebody unknown it is not looked for here. */
  readonly block?: Block | undefined
  /** The account to pin to the number: the first one seen of somebody whose role is worth stealing. */
  readonly first?: string
  /** It could not be found out whether the account is the one pinned. */
  readonly unverified?: boolean
  /** An account other than the one pinned appeared as this number. */
  readonly changed?: { readonly phone: Phone; readonly account: string }
}

type Identities = Pick<Reader, '$queryRaw'>

/**
 * The phone number that the platform gives a sender; `undefined` if it does not tell it. The digits of a LID are
 * no phone number, and neither is a group: both stay unresolved, and unresolved means no role at all.
 */
export function resolveSender(sender: Sender, source: Source): Phone | undefined {
  const phone = phoneOfAccount(sender.id) ?? given(sender.phone) ?? given(sender.id)
  // The trial owner lives in the terminal alone; nobody becomes it by having its number on a platform.
  return phone === TRIAL_OWNER && source !== 'terminal' && source !== 'cli' ? undefined : phone
}

/**
 * Whose a sender is, as far as the platform's word and the pinned accounts agree. Numbers are recycled and accounts
 * are not, so a number with a role counts only together with the account that it was first seen with.
 */
export async function identify(sender: Sender, source: Source, db: Identities): Promise<Identity> {
  const phone = resolveSender(sender, source)
  if (sender.unverified && (phone === undefined || (await pinsOf(db, phone)).length > 0))
    return { phone: undefined, user: undefined, unverified: true }
  const account = sender.account ?? accountNamedBy(sender.id, phone)
  if (account === undefined) return { phone, ...(await known(db, phone)) }
  const pin = await findPin(db, account)
  if (phone === undefined)
    return pin?.confirmed ? { phone: pin.phone, ...(await known(db, pin.phone)) } : unresolved(db, account)
  const { user, block } = await known(db, phone)
  if (pin?.phone === phone) return { phone, user, block }
  // The account had another number, or the number had another account.
  if (pin !== undefined || (await pinsOf(db, phone)).length > 0) return somebodyElse(phone, account)
  return { phone, user, block, ...(atLeast(effectiveRole(user), 'OPERATOR') && { first: account }) }
}

/** A device is one of its account where the platform tells the number of both; of others nothing is known. */
function accountNamedBy(id: string, phone: Phone | undefined): string | undefined {
  if (!isLid(id)) return undefined
  return phone === undefined ? id : accountOf(id)
}

/** Nobody, unless it looks like somebody whom to be is worth the trouble: then they are to know. */
async function unresolved(db: Identities, account: string): Promise<Identity> {
  const pin = await findPin(db, accountOf(account))
  const digits = phoneOfAccount(accountOf(account).replace('@lid', '@c.us'))
  const lookalike = pin?.phone ?? digits
  if (lookalike === undefined) return { phone: undefined, user: undefined }
  const isWorthIt = atLeast(effectiveRole(await findUser(db, lookalike)), 'OPERATOR')
  return isWorthIt ? somebodyElse(lookalike, account) : { phone: undefined, user: undefined }
}

const somebodyElse = (phone: Phone, account: string): Identity => ({
  phone: undefined,
  user: undefined,
  changed: { phone, account },
})

/** Who has that number, as far as they are known, and what keeps them out. */
async function known(db: Identities, phone: Phone | undefined): Promise<Pick<Identity, 'user' | 'block'>> {
  const found = phone === undefined ? undefined : await findUserWithBlock(db, phone)
  return { user: found?.user, block: found?.block }
}

const given = (text: string | undefined): Phone | undefined => (text !== undefined && isPhone(text) ? text : undefined)
