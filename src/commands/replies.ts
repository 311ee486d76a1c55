import { MAX_REPLY_LENGTH, type Reply } from '../kernel/message.ts'
import type { Note, Outcome } from './command.ts'

/** Whatever a sensitive command comes to speaks of other people, so all of it is for the sender alone. */
export function repliesTo(outcome: Outcome, sensitive: boolean): Reply[] {
  return [...answerOf(outcome, sensitive), ...notesOf(outcome).map(toNote)]
}

function answerOf(outcome: Outcome, sensitive: boolean): Reply[] {
  if (outcome.text === '') return []
  const [first, ...others] = (outcome.kind === 'answered' ? outcome.attachments : undefined) ?? []
  const audience = sensitive ? 'sender' : 'chat'
  return [
    { audience, text: clip(outcome.text), ...(first && { attachment: first }) },
    ...others.map((attachment): Reply => ({ audience, text: '', attachment })),
  ]
}

const notesOf = (outcome: Outcome): readonly Note[] =>
  (outcome.kind === 'answered' || outcome.kind === 'denied' ? outcome.notes : undefined) ?? []

export const toNote = ({ account, text, role }: Note): Reply => ({
  audience: { account },
  text: clip(text),
  ...(role !== undefined && { role }),
})

/** The last line of defence: answers are made to fit. */
function clip(text: string): string {
  return text.length <= MAX_REPLY_LENGTH ? text : `${text.slice(0, MAX_REPLY_LENGTH - 1)}…`
}
