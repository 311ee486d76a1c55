import { existsSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { inShell } from '../support/in-shell.ts'
import { shareWarden } from '../support/shared-warden.ts'

const shared = shareWarden()
const run = (line: string) => inShell(shared.warden.path, line)

describe('stdout of every command', () => {
  test('takes what is packed to the byte', () => {
    const { stdout } = run('chatwarden export --to - --format jsonl.gz | base64')
    expect(gunzipSync(Buffer.from(stdout, 'base64')).toString()).toMatch(/^{"seq":0,/)
  })

  test.each(['export --to -', 'verify', '--help', "say '!config help'", 'key', 'checkpoint', 'report daily'])(
    'may be closed by who has read enough of %s: nothing is said of it',
    (command) => {
      const { status, stderr } = run(`chatwarden ${command} | true`)
      expect(status).toBe(0)
      expect(stderr).not.toMatch(/EPIPE|^ {4}at /m)
    },
  )

  test.skipIf(!existsSync('/dev/full')).each(['export --to -', 'verify', '--help', 'key', 'checkpoint'])(
    'that is full is told, and ends %s with 3',
    (command) => {
      const { status, stderr } = run(`chatwarden ${command} > /dev/full`)
      expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringMatching(/could not be written: ENOSPC/) })
      expect(stderr).not.toMatch(/^ {4}at /m)
    },
  )
})
