import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Message } from 'whatsapp-web.js'
import { Backoff } from '../../../src/chat/whatsapp/backoff.ts'
import { defaultArguments, findBrowser } from '../../../src/chat/whatsapp/browser.ts'
import { CannotStart } from '../../../src/chat/whatsapp/cannot-start.ts'
import { Hearing } from '../../../src/chat/whatsapp/hearing.ts'
import { isAlive } from '../../../src/chat/whatsapp/processes.ts'
import { child, runNode } from '../../support/child.ts'
import { temporaryDirectory } from '../../support/whatsapp-connection.ts'

function program(): string {
  const path = join(temporaryDirectory(), 'browser')
  writeFileSync(path, '#!/bin/sh\n')
  chmodSync(path, 0o700)
  return path
}

describe('the pauses between attempts', () => {
  test('double up to the longest, and begin anew after a good connection', () => {
    const backoff = new Backoff({ first: 1000, longest: 5000 }, () => 1)
    expect([1, 2, 3, 4, 5, 6].map(() => backoff.next())).toEqual([1000, 2000, 4000, 5000, 5000, 5000])
    backoff.reset()
    expect(backoff.next()).toBe(1000)
  })

  test('are between half and the whole', () => {
    expect(new Backoff({ first: 1000, longest: 5000 }, () => 0).next()).toBe(500)
    const backoff = new Backoff({ first: 1000, longest: 1000 })
    const pauses = Array.from({ length: 1000 }, () => backoff.next())
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(500)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(1000)
    expect(new Set(pauses).size).toBeGreaterThan(100)
  })
})

describe('the browser', () => {
  test('is the configured one', () => {
    const path = program()
    expect(findBrowser(path, () => ['/bin/sh'])).toBe(path)
  })

  test('is the first that is there and can be run', () => {
    const path = program()
    const plain = join(temporaryDirectory(), 'plain')
    writeFileSync(plain, '')
    expect(findBrowser(undefined, () => ['/no/such/browser', plain, '/usr', path])).toBe(path)
  })

  test('that is nowhere is one clear message', () => {
    const find = () => findBrowser(undefined, () => [])
    expect(find).toThrow(CannotStart)
    expect(find).toThrow(/none was found.*apt install chromium.*npx puppeteer.*WHATSAPP_BROWSER_PATH/s)
  })

  test('keeps its sandbox, unless root starts it', () => {
    expect(defaultArguments(false)).not.toContain('--no-sandbox')
    expect(defaultArguments(true)).toContain('--no-sandbox')
  })
})

describe('a deaf page', () => {
  const message = (id: string) => ({ id: { _serialized: id } }) as Message
  const hearing = () => new Hearing(1000, () => {})

  test('is one that keeps a message to itself at two checks, and then all of those are missed', () => {
    const heard = hearing()
    heard.begin([])
    expect(heard.check(['first'])).toEqual({ missed: [], isDeaf: false })
    expect(heard.check(['first', 'second'])).toEqual({ missed: ['first', 'second'], isDeaf: true })
  })

  test('is not one whose message came before anybody listened; but that message is missed', () => {
    const heard = hearing()
    heard.begin(['early'])
    heard.check(['early'])
    expect(heard.check(['early', 'just now'])).toEqual({ missed: ['early'], isDeaf: false })
  })

  test('is not one that announces late', () => {
    const heard = hearing()
    heard.begin([])
    heard.check(['slow'])
    expect(heard.hear(message('slow'))).toBe(true)
    expect(heard.check(['slow'])).toEqual({ missed: [], isDeaf: false })
  })
})

describe.skipIf(process.platform !== 'linux')('a process', () => {
  test('that has ended is not alive, although its parent has not collected it', async () => {
    // The shell has a child and becomes a program that collects none; the child waits for that, since a shell collects.
    const child = 'while [ "$(cat /proc/$$/comm)" != sleep ]; do sleep 0.05; done'
    const parent = spawn('/bin/sh', ['-c', `(${child}) & echo $!; exec sleep 600`])
    onTestFinished(() => void parent.kill())
    const [line] = await once(parent.stdout, 'data')
    await expect.poll(() => isAlive(Number(line))).toBe(false)
    expect(existsSync(`/proc/${Number(line)}`)).toBe(true)
    expect(isAlive(parent.pid ?? 0)).toBe(true)
  })
})

describe('a rejection that nobody handles', () => {
  const run = (what: string, ...flags: string[]) => runNode([...flags, child('unhandled-rejection.mjs'), what])

  test('of the library is told to the connection, and the process goes on', async () => {
    expect(await run('library')).toMatchObject({ code: 0, stdout: 'broken: auth timeout\nalive\n' })
  })

  test('of the host ends the process, as ever', async () => {
    const { code, stdout, stderr } = await run('host')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('Error: a bug of the host')
  })

  test('of the host does what Node was told to', async () => {
    const { code, stdout, stderr } = await run('host', '--unhandled-rejections=warn')
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'alive\n' })
    expect(stderr).toContain('a bug of the host')
  })

  test('of the host goes to the host’s own handler, once', async () => {
    expect(await run('handled')).toMatchObject({ code: 0, stdout: 'host: a bug of the host\nalive\n' })
  })

  test('of the library ends the process when the connection does not run', async () => {
    expect(await run('stopped')).toMatchObject({ code: 1, stdout: '' })
  })
})
