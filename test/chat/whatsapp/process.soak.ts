import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { OWNER, temporaryFolder, USER } from '../../support/chatwarden.ts'
import type { Running } from '../../support/child.ts'
import { environmentFor, printed, rows, startProcess } from '../../support/whatsapp-process.ts'
import { browsersOf } from '../../support/whatsapp-web/processes.ts'
import { type Sent, type StandIn, startStandIn } from '../../support/whatsapp-web/stand-in.ts'

const FROM = OWNER.slice(1)
const PROMOTE = `!config role promote ${USER} OPERATOR`

interface Started {
  readonly standIn: StandIn
  readonly folder: string
  readonly env: Record<string, string>
  readonly running: Running
}

/** A bot in a process of its own, paired and listening. */
async function started(): Promise<Started> {
  const standIn = await startStandIn()
  onTestFinished(() => standIn.close())
  await standIn.person({ phone: FROM })
  const folder = temporaryFolder()
  const env = environmentFor(standIn, folder)
  const running = startProcess(env)
  await standIn.pair()
  await printed(running, /^Connected as \+15550009999$/)
  await standIn.listening()
  return { standIn, folder, env, running }
}

async function kill(running: Running): Promise<void> {
  running.process.kill('SIGKILL')
  await running.ended()
}

const isKept = (folder: string) => rows(folder, 'SELECT id FROM outbox_messages').length === 1
const changes = (folder: string) =>
  rows(folder, `SELECT 1 FROM audit_logs WHERE action = 'ROLE_CHANGE' AND resource_id = '${USER}'`).length
const answer = expect.stringMatching(/Role Change Successful/)

/** It starts again over whatever was left, and sends what had not arrived, marked. */
async function comesBack(
  { standIn, env, folder }: Started,
  before: number,
): Promise<{ running: Running; sent: readonly Sent[] }> {
  const running = startProcess(env)
  await printed(running, /^Connected as /)
  const sent = (await standIn.waitForOutbox(before + 1)).slice(before)
  await expect.poll(() => isKept(folder)).toBe(false)
  expect(changes(folder)).toBe(1)
  return { running, sent }
}

describe('a process that is killed', () => {
  test('between the commit and the sending has changed the role once, and the reply comes, marked', async () => {
    const bot = await started()
    await bot.standIn.faults.stallSend(false)
    bot.standIn.receive({ from: FROM, text: PROMOTE })
    await expect.poll(() => isKept(bot.folder), { timeout: 30_000 }).toBe(true)
    await bot.standIn.delivered()
    await kill(bot.running)
    expect(browsersOf(Number(/:(\d+)=/.exec(bot.standIn.browserArgs.join())?.[1]))).not.toEqual([])
    const { running, sent } = await comesBack(bot, 0)
    expect(sent).toMatchObject([{ text: expect.stringMatching(/^🔁 _Sent again:_\n.*Role Change Successful/s) }])
    expect(sent).toHaveLength(1)
    running.process.kill('SIGTERM')
    expect((await running.ended()).stderr).toContain('ending a browser that was left over')
  })

  test('between the sending and its acknowledgement sends the reply again, marked, and does nothing twice', async () => {
    const bot = await started()
    bot.standIn.holdAcks()
    bot.standIn.receive({ from: FROM, text: PROMOTE })
    expect(await bot.standIn.waitForOutbox(1)).toMatchObject([{ text: answer }])
    await bot.standIn.delivered()
    await kill(bot.running)
    bot.standIn.holdAcks(false)
    const { sent } = await comesBack(bot, 1)
    expect(sent).toMatchObject([{ text: expect.stringMatching(/^🔁 _Sent again:_\n/) }])
  })
})

describe('SIGTERM during work', () => {
  test('drains what is under way, ends the browser, and the next start needs no repair', async () => {
    const bot = await started()
    bot.standIn.holdAcks()
    bot.standIn.receive({ from: FROM, text: PROMOTE })
    const [sent] = await bot.standIn.waitForOutbox(1)
    bot.running.process.kill('SIGTERM')
    bot.standIn.ack(sent?.id ?? '')
    const { code } = await bot.running.ended()
    expect(code).toBe(0)
    expect(rows(bot.folder, 'SELECT id FROM outbox_messages')).toEqual([])
    expect(browsersOf(Number(/:(\d+)=/.exec(bot.standIn.browserArgs.join())?.[1]))).toEqual([])
    expect(existsSync(join(bot.folder, 'whatsapp/chatwarden.lock'))).toBe(false)

    bot.standIn.holdAcks(false)
    const again = startProcess(bot.env)
    await printed(again, /^Connected as /)
    bot.standIn.receive({ from: FROM, text: '!config role list' })
    await bot.standIn.waitForOutbox(2)
    again.process.kill('SIGTERM')
    const { code: second, stderr } = await again.ended()
    expect(second).toBe(0)
    expect(stderr).not.toMatch(/left over|clearing the lock|left locked/)
    expect(bot.standIn.outbox()).toHaveLength(2)
  })

  test('while it waits to be paired ends it too', async () => {
    const standIn = await startStandIn()
    onTestFinished(() => standIn.close())
    const running = startProcess(environmentFor(standIn, temporaryFolder()))
    await printed(running, /whatsapp-qr\.png$/)
    running.process.kill('SIGTERM')
    expect((await running.ended()).code).toBe(0)
  })
})
