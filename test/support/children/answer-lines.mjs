// For each line on stdin, the JSON of a message, it handles that message and prints how it ended; those that are `isAtOnce`
// beside what came before.
import { createInterface } from 'node:readline'
import { openChatwarden } from 'chatwarden'

const chatwarden = await openChatwarden({ jobs: false })
console.log('ready')
const answer = async ({ id, sender, text }) => {
  const message = { id, source: 'api', chat: { id: sender, kind: 'private' }, sender: { id: sender }, text }
  const began = Date.now()
  const { status, replies } = await chatwarden.handle(message)
  console.log(
    JSON.stringify({ status, text: replies[0]?.text ?? '', note: replies[1]?.text ?? '', began, ended: Date.now() }),
  )
}
let working = Promise.resolve()
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line)
  const before = working
  working = asked.isAtOnce ? Promise.all([before, answer(asked)]) : before.then(() => answer(asked))
}
await working
await chatwarden.close()
