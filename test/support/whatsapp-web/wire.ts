/** What the server in Node and the page say to each other, and the records both know. */

/** Phone and LID are digits only. A hidden phone is one that WhatsApp does not reveal for the LID. */
export interface Person {
  readonly phone?: string | undefined
  readonly lid?: string | undefined
  readonly name?: string | undefined
  readonly hidden?: boolean
}

export interface Group {
  readonly id: string
  readonly name: string
  readonly members: readonly string[]
  /** Whether this account appears in the group by its LID, as in all newer groups. */
  readonly lidAddressing: boolean
}

export interface MessageRecord {
  /** The whole id, `false_15550001111@c.us_3EB0…`; in a group the author's id follows. */
  readonly id: string
  /** The part of the id that the sender's device made up. */
  readonly stanza: string
  readonly fromMe: boolean
  readonly chat: string
  readonly author?: string | undefined
  readonly from: string
  readonly to: string
  readonly text: string
  /** Seconds since 1970. */
  readonly timestamp: number
  readonly name?: string | undefined
  readonly quoted?: (Pick<MessageRecord, 'stanza' | 'text' | 'extra'> & { readonly author: string }) | undefined
  readonly mentions: readonly string[]
  /** What the page's message holds besides, or instead. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
  ack: number
}

/** To the page. */
export type Command =
  | {
      readonly command: 'hello'
      readonly linked: boolean
      readonly ref: string
      readonly me: Person
      readonly people: readonly Person[]
      readonly groups: readonly Group[]
      readonly history: readonly MessageRecord[]
      readonly missReady: boolean
      readonly deaf: boolean
    }
  | { readonly command: 'qr'; readonly ref: string }
  | { readonly command: 'paired'; readonly device: string }
  | { readonly command: 'message'; readonly record: MessageRecord }
  | { readonly command: 'ack'; readonly id: string; readonly ack: number }
  | { readonly command: 'people'; readonly people: readonly Person[] }
  | { readonly command: 'group'; readonly group: Group }
  | { readonly command: 'again'; readonly id: string }
  | { readonly command: 'fault'; readonly fault: SendFault; readonly times: number }
  | { readonly command: 'state'; readonly state: string }
  | { readonly command: 'deafen' | 'syncAgain' | 'reload' | 'hang' | 'logout' }

export type SendFault =
  | 'sendError'
  | 'stallBefore'
  | 'stallAfter'
  | 'blankBefore'
  | 'blankAfter'
  | 'loseSend'
  | 'seenError'

/** From the page. */
export type Report =
  | { readonly did: 'link' | 'listen' | 'unlink' | 'strike' }
  | { readonly did: 'receive'; readonly delivery: number }
  | { readonly did: 'lookUp'; readonly id: string }
  | { readonly did: 'upload'; readonly hash: string }
  | { readonly did: 'send'; readonly message: SentReport }

export interface SentReport extends Omit<MessageRecord, 'fromMe' | 'ack' | 'name' | 'quoted'> {
  readonly quotedId?: string
  readonly hasPreview?: true
  readonly media?: { readonly hash: string; readonly type: string; readonly name: string; readonly mimeType: string }
}
