import { readFile, stat } from 'node:fs/promises'
import type { MessageMedia, MessageSendOptions } from 'whatsapp-web.js'
import type { Attachment } from '../../kernel/message.ts'
import type { Content } from '../adapter.ts'

/** One message to send, with the address on it. */
export interface Parcel {
  readonly outboxId: string | undefined
  readonly to: string
  readonly text: string
  readonly attachment: Attachment | undefined
  readonly quotedId: string | undefined
  /** Whether it lets others go first. */
  readonly yields: boolean
  /** Whether it may have been sent before: then it says so. */
  readonly again: boolean
}

/** WhatsApp takes more, but the library carries a file through the browser as one piece of text. */
const MAX_FILE = 50 * 1024 * 1024

/** @throws if there is nothing to send: the library would send an empty message. */
export function toParcel(
  to: string,
  { text, attachment, quotedId, outboxId, yields = false, again = false }: Content,
): Parcel {
  if (text.trim() === '' && attachment === undefined) throw new Error('A message without text or file is not sent')
  return { outboxId, to, text, attachment, quotedId, yields, again }
}

/** The file as the library wants it. @throws if it is missing or too large. */
export async function loadMedia({ path, name, mimeType }: NonNullable<Parcel['attachment']>): Promise<MessageMedia> {
  const { size } = await stat(path)
  if (size > MAX_FILE) throw new Error(`${name} has ${size} bytes; WhatsApp is sent at most ${MAX_FILE} in one file`)
  const { default: whatsapp } = await import('whatsapp-web.js')
  return new whatsapp.MessageMedia(mimeType, await readFile(path, 'base64'), name)
}

export function sendOptions({ quotedId, attachment }: Parcel, text: string): MessageSendOptions {
  return {
    // Both can fail, and would take the message with them.
    sendSeen: false,
    linkPreview: false,
    ...(quotedId !== undefined && { quotedMessageId: quotedId }),
    ...(attachment !== undefined && { caption: text, sendMediaAsDocument: attachment.kind !== 'image' }),
  }
}
