import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { openManifest } from '../../src/audit/export/manifest.ts'
import { verifyExport } from '../../src/audit/export/verify-export.ts'
import type { CommandContext } from '../../src/commands/command.ts'
import { handOverAlone } from '../../src/commands/hand-over.ts'
import { MINUTE } from '../../src/kernel/clock.ts'
import type { Handled, IncomingMessage, Reply } from '../../src/kernel/message.ts'
import { shareCleanUps } from '../support/at-end.ts'
import { ADMIN, OWNER, openTestWarden, type TestWarden, temporaryFolder } from '../support/chatwarden.ts'
import { type S3Server, startS3Server } from '../support/s3-server.ts'
import { keyIn } from '../support/tamper.ts'
import { type Entry, entriesOf, textOf } from '../support/trail.ts'

const MB = 1024 * 1024
const LARGE = 6000

/** A clock on which some time passes whenever somebody looks at it. */
class JumpingClock {
  time = Date.UTC(2026, 5, 15, 12)
  step = 0
  now = () => {
    this.time += this.step
    return this.time
  }
}

/** Entries that no compression makes smaller than a megabyte, and some that it does. */
async function fill({ AuditLogger }: TestWarden): Promise<void> {
  const log = (service: string) => AuditLogger.logCircuitBreakerChange({ service, state: 'OPEN', failureCount: 5 })
  await Promise.all(Array.from({ length: LARGE }, () => log(randomBytes(140).toString('base64'))))
  const performedBy = { phoneNumber: ADMIN }
  await Promise.all(
    Array.from({ length: 2500 }, () => AuditLogger.logUsageQuery({ performedBy, queryType: 'a'.repeat(150) })),
  )
}

const cleanUps = shareCleanUps()
const clock = new JumpingClock()
let warden: TestWarden
let server: S3Server
/** Another that writes to the same trail, without an object store. */
let without: TestWarden

beforeAll(async () => {
  server = await startS3Server({}, cleanUps.add)
  const { bucket, endpoint, credentials } = server.place
  const s3 = {
    S3_BUCKET: bucket,
    S3_ENDPOINT: endpoint,
    S3_ACCESS_KEY_ID: credentials.accessKeyId,
    S3_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  }
  const folder = temporaryFolder(cleanUps.add)
  const env = { WHATSAPP_MAX_FILE_MB: '1' }
  warden = await openTestWarden({ clock, env: { ...env, ...s3 } }, folder, cleanUps.add)
  without = await openTestWarden({ clock, env }, folder, cleanUps.add)
  await fill(warden)
})
beforeEach(() => {
  clock.step = 0
  clock.time += 11 * MINUTE
})

interface Answer {
  readonly handled: Handled
  readonly entry: Entry | undefined
  readonly progress: readonly (Reply & { readonly at: number })[]
  readonly manifest: string
}

const GROUP: IncomingMessage['chat'] = { id: '120363000000000000@g.us', kind: 'group' }
const LARGE_ONE = '!config audit export action:CIRCUIT_BREAKER_OPEN'

async function answerTo(
  text: string,
  on = warden,
  chat: IncomingMessage['chat'] = { id: OWNER, kind: 'private' },
): Promise<Answer> {
  const progress: (Reply & { at: number })[] = []
  const { result: handled, entries } = await entriesOf(on, () =>
    on.handle({ id: `${text} ${Math.random()}`, source: 'whatsapp', chat, sender: { id: OWNER }, text }, (reply) =>
      progress.push({ ...reply, at: clock.time }),
    ),
  )
  expect(handled.status).toBe('answered')
  expect(entries.map(({ action }) => action)).toEqual(['AUDIT_LOG_EXPORTED'])
  const files = handled.replies.flatMap(({ attachment }) => attachment ?? [])
  const manifest = readFileSync(files.at(-1)?.path ?? '', 'utf8')
  expect(files.at(-1)?.name).toMatch(/\.manifest$/)
  return { handled, entry: entries[0], progress, manifest }
}

const manifestOf = ({ manifest }: Answer) => openManifest(manifest, [keyIn(warden.folder)]).fields
const filesOf = ({ handled }: Answer) => handled.replies.flatMap(({ attachment }) => attachment ?? []).slice(0, -1)
const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex')

/** What lies in the folder of files to be sent and is no part of this answer. */
function leftBeside(answer: Answer): string[] {
  const sent = answer.handled.replies.flatMap(({ attachment }) => attachment?.path ?? [])
  const folder = join(warden.folder, 'outgoing')
  const all = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile())
  return all
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !before.has(path) && !sent.includes(path) && !sent.some((each) => path === `${each}.sha256`))
}
let before = new Set<string>()
beforeEach(() => {
  const folder = join(warden.folder, 'outgoing')
  const all = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : []
  before = new Set(all.map(({ parentPath, name }) => join(parentPath, name)))
})

/** Checks an answer in parts: joined they are what the manifest says. */
async function expectParts(answer: Answer): Promise<void> {
  const parts = filesOf(answer)
  const fields = manifestOf(answer)
  expect(parts.length).toBeGreaterThan(1)
  expect(parts.map(({ name }) => name)).toEqual(parts.map((_, n) => `${fields.file}.${String(n + 1).padStart(3, '0')}`))
  const contents = parts.map(({ path }) => readFileSync(path))
  for (const content of contents) expect(content.length).toBeLessThanOrEqual(MB)
  expect(sha256(Buffer.concat(contents))).toBe(fields.sha256)
  expect(textOf(answer.handled)).toContain(`it comes in ${parts.length} parts`)
  expect(answer.entry?.metadata).toMatchObject({ by: 'parts', sha256: fields.sha256, recordCount: LARGE })
  const folder = temporaryFolder()
  parts.forEach(({ name }, n) => {
    writeFileSync(join(folder, name), contents[n] ?? '')
  })
  const path = join(folder, fields.file)
  expect(await verifyExport({ path, manifest: answer.manifest, keys: [keyIn(warden.folder)] })).toMatchObject({
    findings: [],
  })
  expect(leftBeside(answer)).toEqual([])
}

describe('a file that a chat takes', () => {
  test('is handed over as it is', async () => {
    const answer = await answerTo('!config audit export action:ROLE_CHANGE')
    expect(filesOf(answer)).toMatchObject([{ mimeType: 'application/json', name: manifestOf(answer).file }])
    expect(answer.entry?.metadata).toMatchObject({ by: 'chat' })
    expect(leftBeside(answer)).toEqual([])
  })

  test('is compressed where it is too large otherwise, and nothing of the larger one is left', async () => {
    const answer = await answerTo('!config audit export action:USAGE_QUERY')
    const [file] = filesOf(answer)
    expect(file).toMatchObject({ mimeType: 'application/gzip', name: expect.stringMatching(/\.json\.gz$/) })
    const content = readFileSync(file?.path ?? '')
    expect(content.length).toBeLessThanOrEqual(MB)
    expect(gunzipSync(content).length).toBeGreaterThan(MB)
    expect(JSON.parse(gunzipSync(content).toString())).toHaveLength(2500)
    expect(textOf(answer.handled)).toContain('so it is compressed')
    expect(manifestOf(answer)).toMatchObject({ sha256: sha256(content), compression: 'gzip', entries: 2500 })
    expect(answer.entry?.metadata).toMatchObject({ by: 'chat', file: file?.name, sha256: sha256(content) })
    expect(leftBeside(answer)).toEqual([])
  })

  test('may be as large as it likes where the chat has no limit', async () => {
    const { result } = await entriesOf(warden, () => warden.say(OWNER, LARGE_ONE))
    expect(result.replies.map(({ attachment }) => attachment?.mimeType)).toEqual(['application/json', 'text/plain'])
  })
})

describe('a file that no chat takes, with an object store', () => {
  test('is a link for the caller alone, which gives what the manifest says', async () => {
    const answer = await answerTo(LARGE_ONE)
    const fields = manifestOf(answer)
    expect(filesOf(answer)).toEqual([])
    expect(answer.handled.replies.map(({ audience }) => audience)).toEqual(['sender'])
    const address = /https?:\/\/\S+/.exec(textOf(answer.handled))?.[0] ?? ''
    const content = Buffer.from(await (await fetch(address)).arrayBuffer())
    expect([content.length, sha256(content)]).toEqual([fields.bytes, fields.sha256])
    expect(JSON.parse(gunzipSync(content).toString())).toHaveLength(LARGE)
    const key = decodeURIComponent(new URL(address).pathname).replace(/^\/audit-bucket\//, '')
    expect(key).toMatch(new RegExp(`^shared/[0-9a-f-]{36}/${fields.file.replaceAll('.', '\\.')}$`))
    const [row] = warden.sql('SELECT * FROM shared_objects WHERE key = ?', key)
    expect(Object.values(row ?? {})).toContain(clock.time + 15 * MINUTE)
    expect(answer.entry?.metadata).toMatchObject({ by: 'link', file: fields.file, sha256: fields.sha256 })
    expect(JSON.stringify(answer.entry)).not.toContain('Signature')
    expect(leftBeside(answer)).toEqual([])
  })

  test('asked for in a group is nothing there but that it went to the private chat', async () => {
    const answer = await answerTo(LARGE_ONE, warden, GROUP)
    for (const { audience } of [...answer.handled.replies, ...answer.progress]) expect(audience).toBe('sender')
    expect(textOf(answer.handled)).toMatch(/https?:/)
  })

  test('comes in parts while the store is away', async () => {
    await server.stop()
    onTestFinished(() => server.start())
    const answer = await answerTo(LARGE_ONE)
    expect(textOf(answer.handled)).toContain('could not be stored')
    await expectParts(answer)
  })
})

describe('a file that no chat takes, without an object store', () => {
  test('comes in numbered parts that joined are what the manifest says', async () => {
    const answer = await answerTo(LARGE_ONE, without)
    expect(textOf(answer.handled)).not.toContain('could not be stored')
    await expectParts(answer)
  })

  test('asked for in a group, no part is for the group', async () => {
    const answer = await answerTo(LARGE_ONE, without, GROUP)
    expect(new Set([...answer.handled.replies, ...answer.progress].map(({ audience }) => audience))).toEqual(
      new Set(['sender']),
    )
  })
})

test('a file that would be more parts than anybody joins is refused, and the caller told', async () => {
  const path = join(temporaryFolder(), 'huge.csv')
  writeFileSync(path, 'x'.repeat(21))
  const parts = { objects: undefined, maxFileBytes: () => 1, caller: { place: { source: 'whatsapp' } } }
  const handing = handOverAlone(parts as unknown as CommandContext, path, 'text/csv')
  await expect(handing).rejects.toMatchObject({ code: 'EXPORT_TOO_LARGE' })
})

test('an export that takes long says how far it is, at most once a minute', async () => {
  clock.step = 25_000
  const { progress } = await answerTo(LARGE_ONE, without)
  const [started, ...going] = progress
  expect(started?.text).toMatch(/^📦 Exporting audit logs/)
  expect(going.length).toBeGreaterThan(0)
  for (const { text } of going) expect(text).toMatch(/^📦 Still exporting: \d{1,2} %$/)
  const times = going.map(({ at }) => at)
  for (const [n, time] of times.slice(1).entries()) expect(time - (times[n] ?? 0)).toBeGreaterThanOrEqual(MINUTE)
})
