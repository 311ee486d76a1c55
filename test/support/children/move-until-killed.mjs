// Moves a trail in small batches, and is killed at a stage or after so many batches.
import { dirname } from 'node:path'
import { replaysOf } from '../../../dist/app/replays.js'
import { SigningKey } from '../../../dist/audit/write/signing-key.js'
import { moveTrail } from '../../../dist/move/move-trail.js'

const [path, to, killAt] = process.argv.slice(2)
const dataDir = dirname(path)
const from = { databaseUrl: `file:${path}`, dataDir }
const reached = (point) => {
  if (String(point) === killAt) process.kill(process.pid, 'SIGKILL')
}
let batches = 0
await moveTrail({
  beside: { from, to: { databaseUrl: to, dataDir }, isKeyConfigured: false, isArchiveConfigured: false },
  key: () => new SigningKey({ ...from, signingKey: undefined, origin: undefined }),
  actor: { account: 'SYSTEM', role: 'SYSTEM' },
  replays: replaysOf,
  clock: Date,
  batch: 100,
  onStage: reached,
  onCopy: () => reached(++batches),
})
process.stdout.write('done\n')
