import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { AtEnd } from './at-end.ts'
import { temporaryFolder } from './chatwarden.ts'
import { CLI, SHORT_LIVED } from './child.ts'
import type { Block } from './operations-page.ts'

/** `chatwarden`, as an installed package puts it on the PATH; optimising code for a second's work takes a third of it. */
export function makeCommand(atEnd: AtEnd): string {
  const folder = temporaryFolder(atEnd)
  writeFileSync(
    join(folder, 'chatwarden'),
    `#!/bin/sh\nexec '${process.execPath}' ${SHORT_LIVED.join(' ')} '${CLI}' "$@"\n`,
    { mode: 0o755 },
  )
  return folder
}

/** What it printed, stdout and stderr as a terminal shows them. */
async function runBash(text: string, cwd: string, path: string, more: Readonly<Record<string, string>>) {
  const { PATH = '', HOME = '/' } = process.env
  const bash = spawn('bash', ['-c', `exec 2>&1\nset -euo pipefail\n${text}`], {
    cwd,
    env: { PATH: `${path}:${PATH}`, HOME, LANG: 'C.UTF-8', ...more },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  bash.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
  })
  const [code] = (await once(bash, 'close')) as [number | null]
  return { code, output }
}

/** Runs a block of the page, which must end well and print what the page says. */
export async function runBlock(block: Block, cwd: string, path: string, more: Readonly<Record<string, string>> = {}) {
  const { code, output } = await runBash(block.text, cwd, path, more)
  expect({ code, output }).toMatchObject({ code: 0 })
  let from = 0
  for (const expected of block.expected) {
    const rest = output.slice(from)
    expect(rest).toMatch(expected)
    from += rest.search(expected)
  }
}
