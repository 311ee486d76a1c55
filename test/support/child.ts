import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { AtEnd } from './at-end.ts'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
export const CLI = join(ROOT, 'dist/cli/cli.js')

/** A script of `test/support/children/`. They use the compiled package, as another process of a user would. */
export const child = (name: string): string => join(ROOT, 'test/support/children', name)

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** What V8 optimises while a process ends soon, the Prisma engine above all, is half of its work. */
export const SHORT_LIVED = ['--no-opt', '--liftoff-only']

export interface RunOptions {
  readonly cwd?: string
  /** What the process finds in its environment, besides what every process needs; nothing else is passed on. */
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  readonly timeout?: number
  /** It computes for so long, or measures, that V8 is to optimise it. */
  readonly isLong?: boolean
}

/** Only what a process cannot do without, so that no setting of the machine changes a test. */
function environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { PATH = '', HOME = '/' } = process.env
  return { PATH, HOME, ...more }
}

/**
 * Runs Node to its end.
 * @throws if it takes longer than `timeout`; it is killed then.
 */
export async function runNode(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const { cwd = ROOT, input = '', timeout = 30_000, isLong = false } = options
  const all = isLong ? args : [...SHORT_LIVED, ...args]
  const process_ = spawn(process.execPath, all, { cwd, env: environment(options.env) })
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    process_.kill('SIGKILL')
  }, timeout)
  let stdout = ''
  let stderr = ''
  process_.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  process_.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  // A process that ends without reading its input closes the pipe; that is no failure of the test.
  process_.stdin.on('error', () => {})
  process_.stdin.end(input)
  const [code, signal] = (await once(process_, 'close')) as [number | null, NodeJS.Signals | null]
  clearTimeout(timer)
  if (isLate) throw new Error(`Timed out after ${timeout} ms: ${args.join(' ')}\n${stderr}`)
  return { code, signal, stdout, stderr }
}

export interface Running {
  readonly process: ChildProcess
  /** The next line that it prints; rejects if it ends without one. */
  line(): Promise<string>
  /** Tells it to go on. */
  send(line: string): void
  /** Resolves when it has ended, with all lines not yet taken. */
  ended(): Promise<{ readonly code: number | null; readonly lines: readonly string[]; readonly stderr: string }>
}

/** Starts a Node process to talk with line by line; it is gone after the test, or when `atEnd` says so. */
export function startNode(args: readonly string[], options: RunOptions = {}, atEnd: AtEnd = onTestFinished): Running {
  const running = spawn(process.execPath, args, { cwd: options.cwd ?? ROOT, env: environment(options.env) })
  atEnd(() => void running.kill('SIGKILL'))
  let stderr = ''
  running.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  running.stdin.on('error', () => {})
  const closed = once(running, 'close')
  const lines = createInterface({ input: running.stdout })[Symbol.asyncIterator]()
  return {
    process: running,
    line: async () => {
      const { value, done } = await lines.next()
      if (done) throw new Error(`The process ended without a line: ${stderr}`)
      return value
    },
    send: (line) => void running.stdin.write(`${line}\n`),
    ended: async () => {
      const rest: string[] = []
      for (let next = await lines.next(); !next.done; next = await lines.next()) rest.push(next.value)
      const [code] = (await closed) as [number | null]
      return { code, lines: rest, stderr }
    },
  }
}
