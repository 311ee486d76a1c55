import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { unverifiedHead } from '../../../src/audit/tree/checkpoint.ts'
import type { Verifier } from '../../../src/audit/tree/note.ts'
import { run as archiveCommand } from '../../../src/cli/archive.ts'
import { run as importCommand } from '../../../src/cli/import.ts'
import { run as keyCommand } from '../../../src/cli/key.ts'
import { run as moveCommand } from '../../../src/cli/move.ts'
import { DAY, HOUR, MINUTE } from '../../../src/kernel/clock.ts'
import { newId } from '../../../src/kernel/ids.ts'
import { archivesIn } from '../../support/archiving.ts'
import { backedUp, restoreTo } from '../../support/backups.ts'
import { OWNER, openTestWarden, type TestWarden, USER } from '../../support/chatwarden.ts'
import { urlOf } from '../../support/database.ts'
import { headAt } from '../../support/head.ts'
import { emptyDatabase, verifyAt } from '../../support/moving.ts'
import { LIDS, ownerCommand, PEOPLE } from '../../support/owner-command.ts'
import { fromAccount } from '../../support/rich-trail.ts'
import { runHere } from '../../support/run-here.ts'
import { keyIn, verifyFile } from '../../support/tamper.ts'
import { textOf } from '../../support/trail.ts'

// The command line has no clock but this one.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 5, 15, 12) })
})
afterEach(() => {
  vi.useRealTimers()
})

const ENV = { AUDIT_ARCHIVE: 'on', AUDIT_LOG_RETENTION_DAYS: '30' }

/** How often what came about, so that nobody takes for tried what never happens. */
const tally = new Map<string, number>()
const count = (what: string) => tally.set(what, (tally.get(what) ?? 0) + 1)

/** What a trail signed, and by which restorations its branch had begun until then: the number of the entry, and which it was. */
interface Signed {
  readonly note: string
  readonly begun: readonly (readonly [index: number, which: number])[]
}

interface Backup {
  readonly file: string
  /** What the trail in it had signed. */
  readonly signed: readonly Signed[]
}

/** A trail, and all that lies beside it, through whatever is done to it by those who may. */
class History {
  warden: TestWarden
  /** Every checkpoint that this branch ever had, and those of all branches. */
  #signed: Signed[] = []
  readonly #all: Signed[] = []
  #begun: Signed['begun'] = []
  readonly #keys = new Map<string, Verifier>()
  readonly #backups: Backup[] = []
  #files = 0

  private constructor(warden: TestWarden) {
    this.warden = warden
  }

  static async begin(): Promise<History> {
    return new History(await openTestWarden({ env: ENV }))
  }

  advance(ms: number): void {
    vi.setSystemTime(Date.now() + ms)
  }

  async owner(command: string): Promise<void> {
    const handled = await this.warden.say(OWNER, `!config ${command}`)
    const code = /!config confirm (\d{6})/.exec(textOf(handled))?.[1]
    if (code !== undefined) await this.warden.say(OWNER, `!config confirm ${code}`)
    for (const request of await this.warden.waiting()) await this.warden.decide(request.code)
  }

  /** `isTold`: a message says what time it is, whose clock was set by days just before. */
  async cleanUp(isTold: boolean): Promise<void> {
    const sender = { id: '7' }
    const message = {
      id: newId(),
      source: 'telegram',
      chat: { id: '7', kind: 'private' },
      sender,
      text: 'hello',
    } as const
    if (isTold) await this.warden.handle({ ...message, sentAt: new Date() })
    if ((await this.warden.cleanupExpiredAuditLogs()) > 0) count('removed')
  }

  #cli = (run: (args: string[]) => Promise<number>, ...args: string[]) => runHere(run, args, this.warden, ENV)

  async archive(what: 'restore' | 'release', which: number): Promise<void> {
    const names = archivesIn(`${this.warden.path}.archive`)
    const name = names[which % Math.max(names.length, 1)]
    if (name === undefined) return
    const { code } = await this.#cli(archiveCommand, what, name).catch(() => ({ code: 2 }))
    count(`archive ${what}: ${code}`)
  }

  async bring(count: number): Promise<void> {
    const path = join(this.warden.folder, `bans-${this.#files++}.jsonl`)
    const line = (n: number) =>
      JSON.stringify({ action: 'BAN', timestamp: '2026-01-15T10:00:00Z', phoneNumber: USER, n })
    writeFileSync(path, `${Array.from({ length: count }, (_, n) => line(n)).join('\n')}\n`)
    expect((await this.#cli(importCommand, path)).code).toBe(0)
  }

  async rotate(): Promise<void> {
    expect((await this.#cli(keyCommand, 'rotate')).code).toBe(0)
    count('rotated')
  }

  async backUp(): Promise<void> {
    const signed = [...this.#signed]
    this.#backups.push({ file: await backedUp(this.warden, ['--keys']), signed })
  }

  /** Loses the database and its key, and goes on from a backup. */
  async restore(which: number): Promise<void> {
    const backup = this.#backups[which % Math.max(this.#backups.length, 1)]
    if (backup === undefined) return
    await this.warden.close()
    const { path, folder } = this.warden
    for (const end of ['', '-wal', '-shm', '.signing-key'])
      if (existsSync(path + end)) renameSync(path + end, `${path}${end}.lost-${this.#files++}`)
    const { code, stdout } = await restoreTo({ path, folder }, [backup.file], ENV)
    expect({ code, stdout }).toMatchObject({ code: 0 })
    this.#signed = [...backup.signed]
    const last = backup.signed.at(-1)
    this.#begun = [...(last?.begun ?? []), [unverifiedHead(headOfBackup(backup.file)).size, this.#files++]]
    count('restored')
    this.warden = await openTestWarden({ env: ENV }, folder)
  }

  /** Nothing is found, and of checkpoints that were ever kept it is told whether they are of this branch. `chosen`: which. */
  async check(one: unknown, chosen: readonly number[]): Promise<void> {
    const { path, folder } = this.warden
    const note = await headAt(urlOf(path))
    const key = keyIn(folder)
    this.#keys.set(key.toString(), key)
    const head = this.#all.find((each) => each.note === note) ?? { note, begun: this.#begun }
    for (const list of [this.#signed, this.#all]) if (!list.includes(head)) list.push(head)
    const kept = chosen.flatMap((which) => this.#all[which % this.#all.length] ?? [])
    for (const each of new Set([head, ...kept])) {
      const how = { keys: [...this.#keys.values()], now: Date.now(), checkpoint: each.note }
      const { findings, extends: size } = await verifyFile(path, how)
      const relation = this.#signed.includes(each) ? 'extends' : parted(each, head)
      count(relation)
      if (relation === 'extends')
        expect({ one, findings, size }).toEqual({ one, findings: [], size: unverifiedHead(each.note).size })
      else expect({ one, kinds: findings.map(({ kind }) => kind) }).toEqual({ one, kinds: [relation] })
    }
  }

  /** A copy of it, as a server has it. */
  async move(): Promise<void> {
    const { path, folder } = this.warden
    await this.warden.close()
    const to = await emptyDatabase()
    const moved = await runHere(moveCommand, ['--from', `file:${path}`, '--to', to], { path, folder }, ENV)
    expect(moved).toMatchObject({ code: 0 })
    for (const checkpoint of [this.#signed[0]?.note, this.#signed.at(-1)?.note])
      expect(await verifyAt(to, keyIn(folder), Date.now(), checkpoint)).toMatchObject({ findings: [] })
    count('moved')
  }
}

const headOfBackup = (file: string): string => readFileSync(`${file}.checkpoint`, 'utf8')

/** As long as a branch is shorter than where the other left it, it may be an older copy of that one. */
function parted(kept: Signed, head: Signed): string {
  const size = unverifiedHead(kept.note).size
  const own = head.begun.filter(([index]) => index < size)
  const at = [...own, undefined].findIndex((each, place) => each?.[1] !== kept.begun[place]?.[1])
  const theirs = kept.begun[at]?.[0] ?? Number.POSITIVE_INFINITY
  return own[at] === undefined && theirs >= unverifiedHead(head.note).size ? 'rolled back' : 'forked'
}

/** What enough histories come to. */
const REACHED = [
  'extends',
  'forked',
  'removed',
  'restored',
  'rotated',
  'moved',
  'archive restore: 0',
  'archive release: 0',
  'CLOCK_DOUBTED',
  'CLOCK_TRUSTED',
  'CLOCK_JUMP',
]

const which = fc.nat({ max: 20 })
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ text: ownerCommand }) },
  {
    weight: 1,
    arbitrary: fc.record({ seen: fc.constantFrom(...PEOPLE, undefined), account: fc.constantFrom(...LIDS) }),
  },
  { weight: 4, arbitrary: fc.record({ days: fc.constantFrom(1, 8, 40), isTold: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ hours: fc.constantFrom(-2000, -30, -1, 1, 100, 2000) }) },
  { weight: 2, arbitrary: fc.record({ archive: fc.constantFrom('restore' as const, 'release' as const), which }) },
  { weight: 1, arbitrary: fc.record({ bring: fc.constantFrom(1, 30) }) },
  { weight: 1, arbitrary: fc.constant({ rotate: true }) },
  { weight: 2, arbitrary: fc.constant({ backUp: true }) },
  { weight: 1, arbitrary: fc.record({ restore: which }) },
)

test('whatever those do who may, backups, archives, keys, imports and clocks too, a trail is consistent', async () => {
  const chosen = fc.array(fc.nat(), { maxLength: 3 })
  const one = fc.tuple(step, chosen)
  const steps = fc.asyncProperty(fc.array(one, { minLength: 10, maxLength: 25 }), async (all) => {
    const history = await History.begin()
    for (const [one, which] of all) {
      if ('text' in one) await history.owner(one.text)
      else if ('seen' in one) {
        const from = fromAccount(one.seen, one.account)
        await history.warden.say(one.seen ?? one.account, '!config audit mine', from)
      } else if ('days' in one) {
        history.advance(one.days * DAY)
        await history.cleanUp(one.isTold)
      } else if ('hours' in one) history.advance(one.hours * HOUR)
      else if ('archive' in one) await history.archive(one.archive, one.which)
      else if ('bring' in one) await history.bring(one.bring)
      else if ('rotate' in one) await history.rotate()
      else if ('backUp' in one) await history.backUp()
      else await history.restore(one.restore)
      history.advance(MINUTE)
      await history.check(one, which)
    }
    for (const action of ['CLOCK_DOUBTED', 'CLOCK_TRUSTED', 'CLOCK_JUMP'])
      if ((await history.warden.AuditLogRepository.count({ action })) > 0) count(action)
    if (all.length % 5 === 0) await history.move()
    else await history.warden.close()
  })
  const numRuns = Number(process.env.HISTORIES ?? 4)
  await fc.assert(steps, { numRuns, endOnFailure: true })
  if (numRuns >= 50) expect([...tally.keys()]).toEqual(expect.arrayContaining(REACHED))
  console.log(JSON.stringify(Object.fromEntries(tally)))
})
