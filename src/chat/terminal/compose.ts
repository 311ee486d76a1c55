import { isAccount } from '../../kernel/account.ts'
import { shownLine, shownLines } from '../../kernel/plain-text.ts'
import type { Content, Destination } from '../adapter.ts'
import { saveAttachment } from './save-attachment.ts'

export interface View {
  readonly exportDirectory: string
  /** The private chat being shown. What goes anywhere else says where. */
  readonly privateChatId: string | undefined
  readonly draw: (text: string) => string
}

/** A message as it is printed, with its attachment saved. */
export async function compose(to: Destination, content: Content, view: View): Promise<string> {
  const { text, attachment } = content
  const path = attachment && (await saveAttachment(attachment, view.exportDirectory))
  return [
    ...label(to, view.privateChatId).map(shownLine),
    ...(text === '' ? [] : [view.draw(text)]),
    ...(attachment?.preview === undefined ? [] : [shownLines(attachment.preview)]),
    ...(path === undefined ? [] : [shownLine(`📎 Saved: ${path}`)]),
  ].join('\n')
}

function label(to: Destination, shown: string | undefined): string[] {
  const id = chatIdOf(to)
  if (id === shown) return []
  const isPrivate = to.kind !== 'chat' || isAccount(id)
  return [isPrivate ? `→ ${id} (private):` : `→ ${id}:`]
}

/** On a terminal the id of a private chat is the account of the person. */
function chatIdOf(to: Destination): string {
  if (to.kind === 'chat') return to.chatId
  return to.kind === 'person' ? to.account : (to.phone ?? to.senderId)
}
