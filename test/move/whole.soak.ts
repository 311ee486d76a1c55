import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseCheckpoint } from '../../src/audit/tree/checkpoint.ts'
import { leafHashOfJson } from '../../src/audit/tree/leaf.ts'
import { openNote } from '../../src/audit/tree/note.ts'
import { parseTlogProof } from '../../src/audit/tree/tlog-proof.ts'
import { verifyInclusion } from '../../src/audit/tree/verify-proofs.ts'
import { run } from '../../src/cli/move.ts'
import { checkDatabase } from '../../src/doctor/database.ts'
import { DAY } from '../../src/kernel/clock.ts'
import type { MovedTrail } from '../../src/move/move.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { inspectDatabase } from '../../src/storage/inspect.ts'
import { FakeClock, OWNER, openTestWarden, USER } from '../support/chatwarden.ts'
import { child, runNode } from '../support/child.ts'
import { headAt } from '../support/head.ts'
import {
  copyOfTrail,
  emptyDatabase,
  isMarked,
  move,
  onServer as onDatabase,
  type Place,
  trailAt,
  trailBeforeMove,
  verifyAt,
} from '../support/moving.ts'
import { HELD } from '../support/rich-trail.ts'
import { runHere } from '../support/run-here.ts'
import { keyIn, tamper } from '../support/tamper.ts'
import { textOf } from '../support/trail.ts'
import { report, shareTrailToMove } from '../support/trail-to-move.ts'

const shared = shareTrailToMove()
const source = (): Place => copyOfTrail(shared.path)
const onFile = ({ folder }: Place) => openTestWarden({ clock: new FakeClock(shared.now) }, folder)
const onServer = ({ folder }: Place, url: string) =>
  openTestWarden({ clock: new FakeClock(shared.now), env: { DATABASE_URL: url } }, folder)
const refusal = async (url: string) =>
  openDatabase(url).then(
    () => 'opened',
    (error: Error) => error.message,
  )

describe('a trail that was moved', () => {
  test('is the same: root, checkpoint, every hash, old proofs, and what it established', async () => {
    const [place, to] = [source(), await emptyDatabase()]
    const before = await trailAt(`file:${place.path}`)
    const { code, stdout } = await runHere(run, ['--from', `file:${place.path}`, '--to', to], place)
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('Moved ') })
    expect(stdout).not.toContain(new URL(to).password)
    expect(await trailBeforeMove(to)).toEqual(before)

    const key = keyIn(place.folder)
    const { index, hashes, checkpoint } = parseTlogProof(shared.proof.proof)
    const signed = parseCheckpoint(openNote(checkpoint, [key]).text)
    expect(verifyInclusion(leafHashOfJson(shared.proof.entry), index, signed.size, hashes, signed.root)).toBe(true)
    const verification = await verifyAt(to, key, shared.now, checkpoint)
    expect(verification).toMatchObject({ findings: [], extends: signed.size })
    expect(verification.present).toBeLessThan(verification.size - 500)

    const warden = await onServer(place, to)
    expect(await warden.ask(OWNER, '!config get page-size')).toContain('5')
    expect(await warden.ask(OWNER, '!config audit hold list')).toContain(HELD)
    expect((await warden.UserRepository.findByPhoneNumber(USER))?.role).toBe('OPERATOR')
    expect((await report(warden)) satisfies string).toBe('stored')
    await warden.close()
    expect(await verifyAt(to, key, shared.now, checkpoint)).toMatchObject({ findings: [] })
  })

  test('leaves a file that no bot writes to, and that can still be checked', async () => {
    const [place, to] = [source(), await emptyDatabase()]
    const running = await onFile(place)
    await move(place, to)
    expect(await refusal(`file:${place.path}`)).toMatch(/was moved to postgresql:\/\/[^@]*\/move_\w+ on 20/)
    expect(textOf(await running.say(OWNER, '!config set page-size 7'))).toContain('cannot be written right now')
    expect(await report(running)).toBe('spooled')
    await running.close()
    expect((await verifyAt(`file:${place.path}`, keyIn(place.folder), shared.now)).findings).toEqual([])
    const database = await inspectDatabase(`file:${place.path}`, '')
    expect(checkDatabase(database)).toMatchObject({ verdict: 'problem', text: expect.stringContaining('was moved to') })

    // What waited is taken along by a second run, and written at the new place.
    expect(await move(place, to)).toMatchObject({ movedAt: expect.any(Date), spool: { files: 1 } })
    const before = (await verifyAt(to, keyIn(place.folder), shared.now)).size
    const warden = await onServer(place, to)
    await expect.poll(async () => (await verifyAt(to, keyIn(place.folder), shared.now)).size).toBeGreaterThan(before)
    await warden.close()
    expect(await verifyAt(to, keyIn(place.folder), shared.now)).toMatchObject({ findings: [] })
    expect(await move(place, to)).toMatchObject({ spool: { files: 0 } })
  })

  test('is told from a file whose mark was taken away, and that goes on', async () => {
    const [place, to] = [source(), await emptyDatabase()]
    const { verification } = (await move(place, to)) as MovedTrail
    tamper(place.path, (file) => file.exec('DELETE FROM audit_moves'))
    const left = await onFile(place)
    await report(left)
    await left.close()
    const there = await onServer(place, to)
    await report(there)
    const [row] = await there.AuditLogRepository.findByAction('AUDIT_MOVED')
    expect(row).toMatchObject({ category: 'SECURITY', account: 'SYSTEM', source: 'cli', seq: verification.size })
    await there.close()
    const key = keyIn(place.folder)
    const [file, server] = [await headAt(`file:${place.path}`), await headAt(to)]
    const forked = (about: string) => ({ findings: [{ kind: 'forked', about: expect.stringContaining(about) }] })
    const by = `which this trail left with entry ${verification.size} (AUDIT_MOVED of `
    expect(await verifyAt(to, key, shared.now, file)).toMatchObject(forked(by))
    const other = `which left this trail with its entry ${verification.size}`
    expect(await verifyAt(`file:${place.path}`, key, shared.now, server)).toMatchObject(forked(other))
  })

  test('has its key, archives and erasures beside it, for its owner alone, and never over others', async () => {
    const [place, to] = [source(), await emptyDatabase()]
    const beside = join(place.folder, new URL(to).pathname.slice(1))
    writeFileSync(`${place.path}.erasures`, 'line\n')
    mkdirSync(`${place.path}.archive/2026`, { recursive: true })
    writeFileSync(`${place.path}.archive/2026/part`, 'entries')
    writeFileSync(`${beside}.erasures`, 'another\n')
    await expect(move(place, to)).rejects.toThrow(/\.erasures, and something else is there/)
    expect(await onDatabase(to, "SELECT 1 FROM pg_tables WHERE schemaname = 'public'")).toEqual([])
    // The beginning of it is what a run that was stopped left.
    writeFileSync(`${beside}.erasures`, 'li')
    await move(place, to)
    for (const end of ['.signing-key', '.erasures', '.archive/2026/part']) {
      expect(readFileSync(`${beside}${end}`, 'utf8')).toBe(readFileSync(`${place.path}${end}`, 'utf8'))
      expect(statSync(`${beside}${end}`).mode & 0o777).toBe(0o600)
    }
  })
})

describe('a move', () => {
  test('that is killed at any point goes on, and until then no bot starts on the copy', async () => {
    const [place, to] = [source(), await emptyDatabase()]
    const before = await trailAt(`file:${place.path}`)
    for (const killAt of ['2', 'copied', 'brought', 'verified', 'marked']) {
      const { signal } = await runNode([child('move-until-killed.mjs'), place.path, to, killAt])
      expect({ killAt, signal }).toEqual({ killAt, signal: 'SIGKILL' })
      expect(await refusal(to)).toContain('is only on its way into this database')
      expect({ killAt, isMarked: isMarked(place.path) }).toEqual({ killAt, isMarked: killAt === 'marked' })
    }
    expect(await refusal(`file:${place.path}`)).toContain('was moved to')
    expect(await move(place, to)).toMatchObject({ verification: { findings: [] } })
    expect(await trailBeforeMove(to)).toEqual(before)
  })

  test('takes along what a bot does meanwhile, also what it removes', async () => {
    const [place, to] = [source(), await emptyDatabase()]
    const clock = new FakeClock(shared.now)
    const warden = await openTestWarden({ clock }, place.folder)
    // Later the lock is taken, and who writes waits for it.
    let isFirst = true
    const moved = await move(place, to, {
      clock,
      onCopy: async () => {
        if (isFirst) await report(warden)
      },
      onStage: async (stage) => {
        if (stage !== 'copied') return
        isFirst = false
        await warden.say(OWNER, '!config set page-size 9')
        clock.advance(200 * DAY)
        expect(await warden.cleanupExpiredAuditLogs(90)).toBeGreaterThan(200)
        await report(warden)
      },
    })
    await warden.close()
    expect(moved).toMatchObject({ verification: { findings: [] } })
    expect(await trailBeforeMove(to)).toEqual(await trailAt(`file:${place.path}`))
  })

  test('of a trail that somebody changed comes to nothing', async () => {
    const [place, to] = [source(), await emptyDatabase()]
    tamper(place.path, (file) =>
      file.exec("UPDATE audit_logs SET description = 'nothing' WHERE seq = (SELECT max(seq) - 5 FROM audit_logs)"),
    )
    const { code, stdout } = await runHere(run, ['--from', `file:${place.path}`, '--to', to], place)
    expect({ code, stdout }).toMatchObject({ code: 5, stdout: expect.stringContaining('altered') })
    expect(isMarked(place.path)).toBe(false)
    expect(await refusal(to)).toContain('is only on its way')
    expect(existsSync(join(place.folder, `${new URL(to).pathname.slice(1)}.signing-key`))).toBe(false)
  })

  test('into a database that has something refuses, and changes nothing', async () => {
    const [place, to, half] = [source(), await emptyDatabase(), await emptyDatabase()]
    const other = await openTestWarden({ env: { DATABASE_URL: to } })
    await other.close()
    const before = await trailAt(to)
    await expect(move(place, to)).rejects.toThrow(/is not empty: it has the trail chatwarden\.local/)
    expect(await trailAt(to)).toEqual(before)
    // One that another trail is moved into is not empty either.
    const stop = () => Promise.reject(new Error('stopped'))
    const another = await openTestWarden()
    await another.close()
    await expect(move(another, half, { onStage: stop })).rejects.toThrow('stopped')
    await expect(move(place, half)).rejects.toThrow(/another trail \(chatwarden\.local.*is on its way/)
    expect(isMarked(place.path)).toBe(false)
  })
})
