import type { Client, Message } from 'whatsapp-web.js'

/** Whose health is looked after. */
export interface Patient {
  readonly client: Client
  readonly phase: 'starting' | 'pairing' | 'ready' | 'ended'
  readonly isBusy: boolean
  /** The code was scanned, and no event said so. */
  onPaired(): void
  /** A message that the page has and the library did not tell. */
  onMissed(message: Message): void
  end(why: string, kind?: 'broken' | 'unlinked'): void
}

/** What the library and the page call the state of a device that must be paired. */
export const UNLINKED: readonly string[] = ['LOGOUT', 'UNPAIRED', 'UNPAIRED_IDLE']
