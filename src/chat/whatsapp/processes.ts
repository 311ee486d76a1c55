import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** Where a process id means the same process: the host, and on Linux the container. */
export function machine(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
  }
}

/** A process that has ended counts as gone also while nobody has collected it, as in a container without an init. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return fieldsOf(pid)[0] !== 'Z'
  } catch (error) {
    // It exists, and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** When a process started, in whatever unit the system has: with the id it names a process for good. Empty: unknown. */
export function startOf(pid: number): string {
  try {
    if (process.platform !== 'linux') return ps(['-p', String(pid), '-o', 'lstart=']).trim()
    return fieldsOf(pid)[19] ?? ''
  } catch {
    return ''
  }
}

/** The main processes of browsers that run on this profile directory. None can be found on Windows. */
export function browsersOn(profile: string): number[] {
  const flag = `--user-data-dir=${profile}`
  const isBrowser = (args: readonly string[]) => args.includes(flag) && !args.some((arg) => arg.startsWith('--type='))
  return commands().flatMap(([pid, args]) => (isBrowser(args) ? [pid] : []))
}

/** Asks the process to end, so that it can write its files, then ends it with its whole group. */
export async function endProcess(pid: number, patience: number): Promise<void> {
  signal(pid, 'SIGTERM')
  for (let waited = 0; waited < patience && isAlive(pid); waited += 50) await sleep(50)
  signal(-pid, 'SIGKILL')
  signal(pid, 'SIGKILL')
  for (let waited = 0; waited < 2000 && isAlive(pid); waited += 50) await sleep(50)
}

/** Resident memory in bytes of all processes of the group that `leader` leads; undefined where it can't be known. */
export function memoryOfGroup(leader: number): number | undefined {
  if (process.platform !== 'linux') return undefined
  const kilobytes = processIds().map((pid) => {
    const [, , group] = fieldsOf(pid)
    if (Number(group) !== leader) return 0
    return Number(/^VmRSS:\s*(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1] ?? 0)
  })
  return kilobytes.reduce((sum, size) => sum + size, 0) * 1024
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended by itself.
  }
}

function commands(): (readonly [number, readonly string[]])[] {
  if (process.platform === 'win32') return []
  if (process.platform === 'linux')
    return processIds().map((pid) => [pid, (read(`/proc/${pid}/cmdline`) ?? '').split('\0')])
  // Arguments come unquoted here; a profile with ` --` in its path would not be found.
  const lines = ps(['-axww', '-o', 'pid=,args=']).split('\n')
  return lines.map((line) => [Number.parseInt(line, 10), line.split(/ (?=--)/).map((arg) => arg.trim())])
}

/** From `state` on, field 3 of /proc/pid/stat (proc(5)): the name before it, in brackets, may hold anything. */
const fieldsOf = (pid: number): string[] => (read(`/proc/${pid}/stat`) ?? '').replace(/^.*\)/s, '').trim().split(' ')

const processIds = (): number[] => readdirSync('/proc').map(Number).filter(Number.isInteger)
const ps = (args: readonly string[]): string => execFileSync('ps', args, { encoding: 'utf8' })

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}
