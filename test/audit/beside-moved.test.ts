import { readdirSync, renameSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Signer } from '../../src/audit/tree/note.ts'
import { createLogger, type Logger } from '../../src/kernel/log.ts'
import { openTestWarden } from '../support/chatwarden.ts'
import { report, written } from '../support/numbered-reports.ts'
import { refuseEntries } from '../support/trail.ts'

async function openHeard() {
  const lines: string[] = []
  const error = (...said: unknown[]) => lines.push(String(said.at(-1)))
  const log = { ...createLogger('silent'), error, warn: () => {}, info: () => {} } as unknown as Logger
  return { warden: await openTestWarden({ log }), lines }
}

test.each([true, false])(
  'a directory of waiting events that is renamed is told of; put back, they are written with the next that waits (there is one: %s)',
  async (hasOther) => {
    const { warden, lines } = await openHeard()
    const directory = `${warden.path}.spool`
    const accept = refuseEntries(warden)
    expect(await report(warden, 1)).toBe('spooled')
    renameSync(directory, `${directory}.away`)
    if (hasOther) expect(await report(warden, 2)).toBe('spooled')
    await warden.AuditLogger.flush()
    expect(lines).toEqual([expect.stringContaining(`${directory} is not the one in which audit events wait`)])
    accept()
    if (!hasOther) return
    for (const name of readdirSync(`${directory}.away`)) renameSync(`${directory}.away/${name}`, `${directory}/${name}`)
    await warden.AuditLogger.flush()
    expect(written(warden)).toEqual([1, 2])
  },
)

test('a key that is gone, or in whose place another one lies, is told of once while the bot runs', async () => {
  const ways = [() => {}, (path: string) => writeFileSync(path, Signer.generate('another').export())]
  const seen = ways.map(async (replace) => {
    const { warden, lines } = await openHeard()
    const path = `${warden.path}.signing-key`
    expect(await report(warden, 1)).toBe('stored')
    renameSync(path, `${path}.away`)
    replace(path)
    await expect.poll(() => lines, { timeout: 10_000 }).toEqual([expect.stringContaining(path)])
    expect(await report(warden, 2)).toBe('stored')
    renameSync(`${path}.away`, path)
  })
  await Promise.all(seen)
})
