// Handles one command from a chat that keeps its replies, and is killed before the nth statement of a write transaction.
import { openChatwarden } from 'chatwarden'
import { beforeStatements } from './before-statements.mjs'

const [killAt, owner, target] = process.argv.slice(2)
const chatwarden = await openChatwarden({ jobs: false })
let write
await chatwarden.serve({
  source: 'whatsapp',
  ended: new Promise(() => {}),
  start: async (onMessage) => {
    write = onMessage
  },
  send: async () => {},
  onSettled: () => {},
  stop: async () => {},
})

let count = 0
beforeStatements(() => {
  if (++count === Number(killAt)) process.kill(process.pid, 'SIGKILL')
})

const account = '1@lid'
await write({
  id: `promote ${killAt}`,
  source: 'whatsapp',
  chat: { id: account, kind: 'private' },
  sender: { id: account, phone: owner, account },
  text: `!config role promote ${target} OPERATOR`,
})
process.stdout.write('done\n')
process.exit(0)
