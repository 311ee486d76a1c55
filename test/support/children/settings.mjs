// A bot with a setting of its own. It prints each setting that changes and since when it knows; for each line on stdin,
// `PHONE TEXT`, it handles that message and prints how it ended.
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { defineSetting, openChatwarden } from 'chatwarden'
import { z } from 'zod'

const model = defineSetting({ name: 'model', summary: 'X.', schema: z.string(), fallback: 'none', example: 'x' })
const chatwarden = await openChatwarden({ jobs: false, settings: [model] })
const print = (what) => console.log(JSON.stringify(what))
chatwarden.settings.onChange(({ name }, value) => print({ name, value, at: Date.now() }))
print('ready')
for await (const line of createInterface({ input: process.stdin })) {
  const [, sender, text] = /^(\S+) (.*)$/.exec(line)
  const message = { id: randomUUID(), source: 'api', chat: { id: sender, kind: 'private' }, sender: { id: sender } }
  const began = Date.now()
  const { status } = await chatwarden.handle({ ...message, text })
  print({ status, began, model: chatwarden.settings.get(model) })
}
await chatwarden.close()
