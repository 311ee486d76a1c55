import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { OWNER, temporaryFolder } from '../../support/chatwarden.ts'
import { environmentFor, printed, rows, startProcess } from '../../support/whatsapp-process.ts'
import { startStandIn } from '../../support/whatsapp-web/stand-in.ts'

const ASKING = OWNER.slice(1)
const WRITERS = ['15550100001', '15550100002', '15550100003', '15550100004']
const FLOODER = '15550100005'
/** What each of the four writes, and the fifth. */
const EACH = 200
const FLOOD = 5000 * Number(process.env.SOAK_ROUNDS ?? 10)
/** How long an owner waits for an answer, in milliseconds, and how often one asks. */
const PATIENCE = 5000
const EVERY = 10_000

/** The memory of a process, in MB, as Linux counts it. */
const memoryOf = (pid: number | undefined): number =>
  Number(/^VmRSS:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

test.each(['in chats of their own', 'in the group where it is asked'])(
  'a flood by five people %s keeps no owner waiting, and each is told once',
  async (where) => {
    const standIn = await startStandIn()
    onTestFinished(() => standIn.close())
    for (const phone of [ASKING, ...WRITERS, FLOODER]) await standIn.person({ phone })
    const folder = temporaryFolder()
    const limits = {
      WHATSAPP_SEND_LIMIT: '60',
      WHATSAPP_SEND_LIMIT_PER_CHAT: '20',
      // What waits is not to be hidden behind what is not collected yet.
      NODE_OPTIONS: '--max-old-space-size=256',
    }
    const running = startProcess({ ...environmentFor(standIn, folder), ...limits })
    await standIn.pair()
    await printed(running, /^Connected as /)
    await standIn.listening()
    const isGroup = where.includes('group')
    const group = isGroup ? { group: await standIn.group('Team', [ASKING, ...WRITERS, FLOODER]) } : {}
    // Two of the four are known, and each command of theirs is answered.
    for (const phone of WRITERS.slice(0, 2)) {
      const before = standIn.outbox().length
      standIn.receive({ from: ASKING, text: `!config role promote +${phone} USER` })
      await standIn.waitForOutbox(before + 1)
    }
    const before = standIn.outbox().length
    const latencies: number[] = []
    const ask = async () => {
      const [at, already] = [performance.now(), standIn.outbox().length]
      standIn.receive({ from: ASKING, text: '!config role list', ...group })
      const isAnswered = () =>
        standIn
          .outbox()
          .slice(already)
          .some(({ text }) => text.includes('User Roles Summary'))
      while (!isAnswered() && performance.now() - at < 12 * PATIENCE) await sleep(20)
      latencies.push(performance.now() - at)
    }
    let isOver = false
    const asking = (async () => {
      while (!isOver) {
        await ask()
        await sleep(EVERY)
      }
    })()
    const memory: number[] = []
    for (let index = 0; index < FLOOD; index++) {
      if (index < EACH) for (const from of WRITERS) standIn.receive({ from, text: '!config audit mine', ...group })
      standIn.receive({ from: FLOODER, text: `!config audit list ${index}`, ...group })
      if (index % 50 === 0) {
        await standIn.delivered()
        // The page has more to do with a message than the bot.
        await sleep(50)
        memory.push(memoryOf(running.process.pid))
      }
    }
    isOver = true
    await asking
    await ask()
    const told = standIn
      .outbox()
      .slice(before)
      .filter(({ text }) => text.includes('too fast'))
    const quarter = memory.length / 4
    const [early, late] = [1, 3].map((nth) => Math.max(...memory.slice(nth * quarter, (nth + 1) * quarter)))
    console.log(
      `${where}: an owner waited ${Math.max(...latencies).toFixed(0)} ms, ${latencies.length} times; ${early?.toFixed(0)} MB, then ${late?.toFixed(0)} MB`,
    )
    expect(Math.max(...latencies)).toBeLessThan(PATIENCE)
    if (!isGroup) expect(told.filter(({ to }) => to.startsWith(FLOODER))).toHaveLength(1)
    expect(told.length).toBeLessThanOrEqual(5)
    expect((late ?? 0) - (early ?? 0)).toBeLessThan(60)
    const violations = rows<{ account: string }>(
      folder,
      "SELECT account FROM audit_logs WHERE action = 'RATE_LIMIT_VIOLATION'",
    )
    expect(violations.map(({ account }) => account).sort()).toEqual([...WRITERS, FLOODER].map((phone) => `+${phone}`))
  },
)
