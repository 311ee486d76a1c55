import type { SentReport } from './wire.ts'

/** What the bot has sent. */
export interface Sent {
  readonly id: string
  /** The chat that it went to. */
  readonly to: string
  /** The caption, where there is a document. */
  readonly text: string
  /** The id of the message that it quotes. */
  readonly quoted?: string
  readonly mentions: readonly string[]
  /** It carries a preview of a link in it. */
  readonly hasPreview?: true
  readonly document?: Document
}

interface Document {
  readonly type: 'document' | 'image' | 'video' | 'audio'
  readonly name: string
  readonly mimeType: string
  readonly bytes: Buffer
}

export function toSent(report: SentReport, bytesOf: (hash: string) => Buffer): Sent {
  const { id, chat, text, quotedId, mentions, hasPreview, media } = report
  const document = media && {
    type: media.type as Document['type'],
    name: media.name,
    mimeType: media.mimeType,
    bytes: bytesOf(media.hash),
  }
  const sent = { id, to: chat, text, mentions, ...(hasPreview && { hasPreview }) }
  return { ...sent, ...(quotedId && { quoted: quotedId }), ...(document && { document }) }
}
