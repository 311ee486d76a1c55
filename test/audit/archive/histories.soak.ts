import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DAY } from '../../../src/kernel/clock.ts'
import { archivesIn, DAYS, entriesIn, findings, log, openArchiving, seqs } from '../../support/archiving.ts'
import { FakeClock, OWNER, STRANGER, USER } from '../../support/chatwarden.ts'
import { codeIn } from '../../support/confirming.ts'

const PEOPLE = [STRANGER, USER, '+15550000777']

const person = fc.constantFrom(...PEOPLE)
const words = fc.constantFrom('audit hold add', 'audit hold remove', 'audit erase', 'audit erase', 'whitelist add')
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ log: person, count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 4, arbitrary: fc.record({ days: fc.constantFrom(1, 20, 40, -2) }) },
  { weight: 4, arbitrary: fc.tuple(words, person).map(([command, who]) => ({ command: `${command} ${who}` })) },
  { weight: 2, arbitrary: fc.record({ archive: fc.constantFrom('restore', 'release'), nth: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.constant({ carryOut: true as const }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const seqIn = (name: string): number => Number(/audit-(\d+)/.exec(name)?.[1])

/** A trail with archives, and what became of each entry of the people in it. */
async function begin() {
  // The command line has the system's clock.
  const opened = await openArchiving({ clock: new FakeClock(Date.now()) })
  const { warden, clock, directory, cleanUp, cli } = opened
  const about = new Map<number, string>()
  const erased = new Set<number>()

  async function owner(command: string): Promise<void> {
    const { replies } = await warden.say(OWNER, `!config ${command}`)
    const code = codeIn(replies[0]?.text)
    if (code === '') return
    const { status } = await warden.say(OWNER, `!config confirm ${code}`)
    const who = command.split(' ').at(-1)
    if (status !== 'answered' || !command.startsWith('audit erase')) return
    for (const [seq, phone] of about) if (phone === who) erased.add(seq)
  }

  async function take(one: Step): Promise<void> {
    if ('log' in one) await log(warden, one.count, one.log)
    else if ('command' in one) await owner(one.command)
    else if ('carryOut' in one) await warden.archiving.erase()
    else if ('archive' in one) {
      const names = archivesIn(directory)
      if (names.length > 0) await cli(one.archive, names[one.nth % names.length] ?? '')
    } else {
      clock.advance(one.days * DAY)
      await cleanUp()
      await warden.archiving.removeOld()
    }
    for (const { seq, phoneNumber } of await warden.AuditLogRepository.findByAction('RATE_LIMIT_VIOLATION'))
      about.set(seq, phoneNumber)
  }

  /** Neither in the database nor in an archive, although nobody erased it. */
  function lost(): number[] {
    const there = new Set([...seqs(warden), ...entriesIn(directory).map(({ seq }) => seq)])
    return [...about.keys()].filter((seq) => !there.has(seq) && !erased.has(seq))
  }

  /** In the database again, although somebody erased it. */
  const back = (): number[] => seqs(warden).filter((seq) => erased.has(seq))

  /** In an archive still, although no hold keeps anything any more. */
  async function left(): Promise<number[]> {
    for (const who of PEOPLE) await owner(`audit hold remove ${who}`)
    await warden.archiving.erase()
    return entriesIn(directory).flatMap(({ seq }) => (erased.has(seq) ? [seq] : []))
  }

  return { ...opened, take, lost, back, left }
}

test('what was set and taken back long ago is not set again by what comes back of it', async () => {
  const { warden, clock, directory, cleanUp, cli, ...opened } = await openArchiving({
    clock: new FakeClock(Date.now()),
  })
  await warden.say(OWNER, `!config audit hold add ${STRANGER} a letter`)
  clock.advance(20 * DAY)
  const { replies } = await warden.say(OWNER, `!config audit hold remove ${STRANGER}`)
  await warden.say(OWNER, `!config confirm ${codeIn(replies[0]?.text)}`)
  expect(warden.sql('SELECT 1 FROM audit_holds')).toEqual([])
  for (const days of [(DAYS - 10) * DAY, 20 * DAY]) {
    clock.advance(days)
    await cleanUp()
  }
  const [first = ''] = archivesIn(directory).sort((a, b) => seqIn(a) - seqIn(b))
  for (const [what, expected] of [
    ['restore', 1],
    ['release', 0],
  ] as const) {
    expect((await cli(what, first)).code).toBe(0)
    expect(await findings({ warden, clock, ...opened })).toEqual([])
    await cleanUp()
    expect(await warden.AuditLogRepository.count({ action: 'AUDIT_HOLD_ADD' })).toBe(expected)
    expect(await findings({ warden, clock, ...opened })).toEqual([])
  }
})

test('whatever happens to archives, the trail is consistent and nothing is lost that nobody erased', async () => {
  const history = await begin()
  const steps = fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 20 }), async (all) => {
    for (const one of all) {
      await history.take(one)
      const seen = { findings: await findings(history), lost: history.lost(), back: history.back() }
      expect({ one, ...seen }).toEqual({ one, findings: [], lost: [], back: [] })
    }
    expect(await history.left()).toEqual([])
    expect(await history.cli('verify')).toMatchObject({ code: 0 })
  })
  // One trail goes through all of them: what one run leaves behind, the next one meets.
  await fc.assert(steps, { numRuns: Number(process.env.HISTORIES ?? 4), endOnFailure: true })
})
