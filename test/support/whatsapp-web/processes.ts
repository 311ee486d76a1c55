import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { marker } from './browser.ts'

interface Process {
  readonly pid: number
  readonly parent: number
  readonly command: string
}

/**
 * The stand-in does not own the browser, the bot does, perhaps in a process of its own. So it looks for the browsers
 * with its own port in their arguments.
 */
export function browsersOf(port: number): number[] {
  return browsersAmong(list(), port).map(({ pid }) => pid)
}

export function renderersOf(port: number): number[] {
  const renderers = familyOf(port).filter(({ command }) => command.includes('--type=renderer'))
  return renderers.map(({ pid }) => pid)
}

/** Kills the browsers and all their processes, and waits until nothing is left of them. */
export async function endBrowsersOf(port: number): Promise<void> {
  const family = familyOf(port).map(({ pid }) => pid)
  kill(family)
  const alive = () => list().some(({ pid, command }) => family.includes(pid) && command !== '')
  while (alive()) await new Promise((resolve) => setTimeout(resolve, 20))
}

function browsersAmong(processes: readonly Process[], port: number): Process[] {
  return processes.filter(({ command }) => command.includes(marker(port)) && !command.includes('--type='))
}

function familyOf(port: number): Process[] {
  const processes = list()
  const family = new Set(browsersAmong(processes, port))
  // A parent may stand after its children, so one generation at a time.
  for (let size = 0; size !== family.size; ) {
    size = family.size
    const pids = new Set([...family].map(({ pid }) => pid))
    for (const each of processes) if (pids.has(each.parent)) family.add(each)
  }
  return [...family]
}

export function kill(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
}

function list(): Process[] {
  return process.platform === 'linux' ? readdirSync('/proc').flatMap(readProcess) : listByPs()
}

/** Small Linux images have no `ps`. */
function readProcess(entry: string): Process[] {
  if (!/^\d+$/.test(entry)) return []
  try {
    const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ')
    const parent = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${entry}/status`, 'utf8'))?.[1])
    return [{ pid: Number(entry), parent, command }]
  } catch {
    return [] // Ended in between.
  }
}

function listByPs(): Process[] {
  const lines = execFileSync('ps', ['-axww', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n')
  return lines.map((line) => {
    const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    return { pid: Number(pid), parent: Number(parent), command: command ?? '' }
  })
}
