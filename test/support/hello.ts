/** What somebody says to a host's bot; with `sentAt` it tells what time it is. */
export const HELLO = {
  id: 'hello',
  source: 'telegram',
  chat: { id: '7', kind: 'private' },
  sender: { id: '7' },
  text: 'hello',
} as const
