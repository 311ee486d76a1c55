import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import type { ChatwardenOptions } from '../../src/app/chatwarden.ts'
import { openChatwarden } from '../../src/app/open.ts'
import { createLogger } from '../../src/kernel/log.ts'
import { OWNER, OWNER2, temporaryFolder } from './chatwarden.ts'
import { CLI, runNode } from './child.ts'
import { OwnPostgres } from './own-postgres.ts'

/** A trail on a server of its own, with two owners. */
export interface OwnTrail {
  readonly server: OwnPostgres
  readonly folder: string
  /** What each process on it finds in its environment. */
  readonly env: Readonly<Record<string, string>>
  open(options?: ChatwardenOptions): ReturnType<typeof openChatwarden>
  /** How many events wait in files. */
  spooled(): number
  /** Fails where `chatwarden verify` finds anything, or the trail does not extend a checkpoint that was kept. */
  verify(checkpoint?: string): Promise<void>
}

export async function ownTrail(
  flags: readonly string[] = [],
  more: Readonly<Record<string, string>> = {},
): Promise<OwnTrail> {
  const folder = temporaryFolder()
  const server = await OwnPostgres.start(flags)
  onTestFinished(() => server.remove(), 60_000)
  const env = {
    DATABASE_URL: server.url,
    DATA_DIR: folder,
    OWNER_PHONE_NUMBERS: `${OWNER},${OWNER2}`,
    RATE_LIMIT_USER: '0',
    RATE_LIMIT_GLOBAL: '0',
    LOG_LEVEL: 'silent',
    ...more,
  }
  const open = async (options: ChatwardenOptions = {}) => {
    const warden = await openChatwarden({
      jobs: false,
      log: createLogger('silent'),
      ...options,
      env: { ...env, ...options.env },
    })
    onTestFinished(() => warden.close(), 120_000)
    return warden
  }
  await (await open()).close()
  return {
    server,
    folder,
    env,
    open,
    spooled: () => eventsIn(join(folder, 'chatwarden.spool')),
    verify: async (checkpoint) => {
      const args = checkpoint === undefined ? [] : ['--checkpoint', checkpoint]
      const { code, stdout, stderr } = await runNode([CLI, 'verify', ...args], { env, timeout: 300_000, isLong: true })
      expect({ code, stdout, stderr }).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(checkpoint === undefined ? /consistent/ : /consistent; extends checkpoint/),
      })
    },
  }
}

function eventsIn(directory: string): number {
  let names: string[]
  try {
    names = readdirSync(directory)
  } catch {
    return 0
  }
  return names.reduce((sum, name) => sum + Number(/\.(\d+)\.jsonl$/.exec(name)?.[1] ?? 0), 0)
}
