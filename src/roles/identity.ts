import { type Account, accountOn, isAccount } from '../kernel/account.ts'
import { canonicalPhone } from '../kernel/canonical-phone.ts'
import type { Sender, Source } from '../kernel/message.ts'
import { isLid, isPossiblePhone, type Phone, phoneOfAccount } from '../kernel/phone.ts'
import type { Reader } from '../storage/contract.ts'
import { isEntitled } from './access-service.ts'
import { type Block, blocksOf } from './block.repository.ts'
import { isClaimed } from './claim.repository.ts'
import { findLink, isTaken } from './link.repository.ts'
import { findPerson } from './person.ts'
import { atLeast } from './role.ts'
import { findUser, findUserWithBlock } from './stored-user.repository.ts'
import { effectiveRole, TRIAL_OWNER, type User } from './user.ts'

/** Whose a sender is. */
export interface Identity {
  /** The account that the sender acts by; `undefined` where the platform's id is no account's. */
  readonly account: Account | undefined
  /** Who it is, if they are a user and nothing is in doubt. */
  readonly user: User | undefined
  /** What keeps them out at some time, by whichever of their accounts: see `isActive`. */
  readonly block: Block | undefined
  /** The account to link to the number: the first one seen of somebody whose role is worth stealing. */
  readonly first?: Account
  /** It could not be found out whether the account is the number's. */
  readonly unverified?: boolean
  /** An account other than the number's appeared with it. */
  readonly changed?: { readonly phone: Phone; readonly account: Account }
}

type Identities = Pick<Reader, '$queryRaw'>

/** What the platform says of who wrote: a number, a lasting account besides, or one of the two. */
interface Named {
  readonly phone: Phone | undefined
  readonly lasting: Account | undefined
}

/**
 * The account that a sender is called by: their phone number where the platform gives it, else its own id. The digits of
 * a LID are no phone number.
 */
export function resolveSender(sender: Sender, source: Source): Account | undefined {
  const { phone, lasting } = namesOf(sender, source)
  return phone ?? lasting
}

/**
 * Whose a sender is, as far as the platform's word and the accounts linked agree. Numbers are recycled and accounts
 * are not, so a number with a role counts only together with the account that it was first seen with.
 */
export async function identify(sender: Sender, source: Source, db: Identities): Promise<Identity> {
  const names = namesOf(sender, source)
  // An id that cannot be read is no reason to go by the number alone.
  const isUnread =
    names.lasting === undefined && (sender.account !== undefined || isLid(sender.id) || !hasKnownIds(source))
  const identity = await decide(names, sender.unverified === true || isUnread, db)
  // Who is kept out is so by all that the platform names, whatever else is in doubt.
  const suspects = [identity.changed?.phone, identity.user === undefined ? names.lasting : undefined]
  const suspected: Account[] = []
  for (const account of suspects) if (account !== undefined) suspected.push(...(await findPerson(db, account)).accounts)
  const others = [names.phone, names.lasting, ...suspected].filter(
    (account) => account !== undefined && (identity.user === undefined || account !== identity.account),
  ) as Account[]
  const [block] = others.length === 0 ? [] : await countingBlocks(db, others, identity.user)
  const isLater = block !== undefined && (identity.block === undefined || endsLater(block, identity.block))
  return isLater ? { ...identity, block } : identity
}

/** Of an account that is not known to be theirs only a block counts by somebody who may block them. */
async function countingBlocks(db: Identities, accounts: readonly Account[], user: User | undefined): Promise<Block[]> {
  const counting: Block[] = []
  for (const block of await blocksOf(db, accounts)) if (await isEntitled(db, block, user)) counting.push(block)
  return counting
}

const endsLater = (one: Block, other: Block): boolean =>
  other.until !== null && (one.until === null || one.until > other.until)

async function decide({ phone, lasting }: Named, isUnverified: boolean, db: Identities): Promise<Identity> {
  if (isUnverified && (phone === undefined || (await isTaken(db, phone))))
    return { account: phone ?? lasting, ...NOBODY, unverified: true }
  const link = lasting === undefined ? undefined : await findLink(db, lasting)
  if (phone === undefined) {
    if (lasting === undefined) return { account: undefined, ...NOBODY }
    if (link === undefined || link.proof === 'seen') return unlinked(db, lasting, link?.phone ?? undefined)
    return { account: link.phone ?? lasting, ...(await known(db, lasting)) }
  }
  const { user, block } = await known(db, phone)
  if (lasting === undefined || link?.phone === phone || (link !== undefined && link.userId === user?.id))
    return { account: phone, user, block }
  // Somebody known by an account of which the number was hidden so far. Below OPERATOR the number itself proves nothing.
  if (link?.phone === null && !atLeast(effectiveRole(user), 'OPERATOR'))
    return { account: lasting, ...(await known(db, lasting)) }
  // The account had another number, or the number had another account.
  if (link !== undefined || (await isTaken(db, phone))) return somebodyElse(phone, lasting)
  if (!atLeast(effectiveRole(user), 'OPERATOR')) return { account: phone, user, block }
  // As long as an owner has to say who of several it is, none is the first.
  return (await isClaimed(db, phone)) ? somebodyElse(phone, lasting) : { account: phone, user, block, first: lasting }
}

const NOBODY = { user: undefined, block: undefined }

/** Of nobody known, unless it looks like somebody whom to be is worth the trouble: then they are to know. */
async function unlinked(db: Identities, account: Account, seenWith: Phone | undefined): Promise<Identity> {
  const lookalike = seenWith ?? phoneOfAccount(account.replace(/^whatsapp:/, '').replace(/@lid$/, '@c.us'))
  const isWorthIt = lookalike !== undefined && atLeast(effectiveRole(await findUser(db, lookalike)), 'OPERATOR')
  return isWorthIt ? somebodyElse(lookalike, account) : { account, ...NOBODY }
}

const somebodyElse = (phone: Phone, account: Account): Identity => ({ account, ...NOBODY, changed: { phone, account } })

/** Who has that account, as far as they are known, and what keeps them out. */
async function known(db: Identities, account: Account): Promise<Pick<Identity, 'user' | 'block'>> {
  const found = await findUserWithBlock(db, account)
  return { user: found?.user, block: found?.block }
}

function namesOf(sender: Sender, source: Source): Named {
  const id = withoutPlatform(sender.id, source)
  const byId = hasKnownIds(source) ? (phoneOfAccount(id) ?? given(id)) : undefined
  const phone = byId ?? given(sender.phone)
  // The trial owner lives in the terminal alone; nobody becomes it by having its number on a platform.
  const isTrial = phone === TRIAL_OWNER && source !== 'terminal' && source !== 'cli'
  return { phone: isTrial ? undefined : phone, lasting: lastingAccount(sender, source, phone) }
}

/** Sources whose ids are whole accounts: they are no platform. */
const WHOLE: readonly string[] = ['terminal', 'cli', 'api']

/** Where ids have the forms of WhatsApp. On other platforms people may be able to choose what theirs looks like. */
const hasKnownIds = (source: Source): boolean => source === 'whatsapp' || WHOLE.includes(source)

function lastingAccount({ id, account }: Sender, source: Source, phone: Phone | undefined): Account | undefined {
  const lasting = withoutPlatform(account ?? id, source)
  if (!hasKnownIds(source)) return accountOn(source, lasting)
  if (isLid(lasting)) return accountOn('whatsapp', lasting)
  if (source === 'whatsapp') return undefined
  if (account === undefined && lasting === phone) return undefined
  return isAccount(lasting) ? lasting : undefined
}

/** An id as WhatsApp has it, where it stands there with its platform. */
const withoutPlatform = (id: string, source: Source): string =>
  WHOLE.includes(source) ? id.replace(/^whatsapp:/i, '') : id

const given = (text: string | undefined): Phone | undefined =>
  text !== undefined && isPossiblePhone(text) ? canonicalPhone(text) : undefined
