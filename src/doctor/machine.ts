import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { freemem, totalmem } from 'node:os'
import { dirname, resolve } from 'node:path'
import { DAY } from '../kernel/clock.ts'
import { type Finding, ok, problem, warning } from './finding.ts'

const MEGABYTE = 2 ** 20
/** The oldest Node that the dependencies run on. */
const NODE = [20, 19] as const
/** A trail of a million entries takes about this much. */
const ROOM = 1024 * MEGABYTE
/** What Chromium takes with WhatsApp Web in it. */
const BROWSER = 600 * MEGABYTE

const megabytes = (bytes: number): string => `${Math.round(bytes / MEGABYTE)} MiB`

export function checkNode(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isNewEnough = major > NODE[0] || (major === NODE[0] && minor >= NODE[1])
  if (isNewEnough) return ok('Node.js', version)
  return problem('Node.js', `${version} is too old`, `Install Node.js ${NODE.join('.')} or newer.`)
}

interface TrailTime {
  /** When the newest entry was written, in milliseconds. */
  readonly newestEntry: number | undefined
  readonly isClockInDoubt: boolean
}

/** The clock stamps every entry, and an old command is told by it. `trail` is none where there is none that can be read. */
export function checkClock(now: number, trail: TrailTime | undefined): Finding {
  const newestEntry = trail?.newestEntry
  const shown = new Date(now).toISOString()
  const advice = 'Set the clock, for example with NTP (timedatectl set-ntp true).'
  if (now < Date.UTC(2026, 0)) return problem('Clock', `${shown} is in the past`, advice)
  if (newestEntry !== undefined && newestEntry - now > 60_000)
    return warning(
      'Clock',
      `${shown} is before the newest entry (${new Date(newestEntry).toISOString()})`,
      'It was ahead then, or is behind now. If it is behind, set it, for example with NTP (timedatectl set-ntp true). The bot starts either way.',
    )
  if (trail?.isClockInDoubt)
    return warning(
      'Clock',
      `${shown} is in doubt: nothing is removed by age`,
      'If it is wrong, set it. If not: the bot trusts it again when it has run for a day, at once when messages agree, or when an owner sends today’s date with the command audit clock.',
    )
  const days = newestEntry === undefined ? 0 : Math.floor((now - newestEntry) / DAY)
  if (days >= 2)
    return ok('Clock', `${shown}, ${days} days after the newest entry: for a day the bot removes nothing by age`)
  return ok('Clock', shown)
}

/** A directory that is there or can be made. */
export function checkDirectory(name: string, variable: string, directory: string): Finding {
  let path = resolve(directory)
  while (!existsSync(path) && dirname(path) !== path) path = dirname(path)
  try {
    if (!statSync(path).isDirectory()) throw new Error('not a directory')
    accessSync(path, constants.W_OK | constants.X_OK)
  } catch {
    const advice = `Make it writable for this user, or set ${variable} to another directory.`
    return problem(name, `${resolve(directory)} cannot be written`, advice)
  }
  const { bavail, bsize } = statfsSync(path)
  const free = bavail * bsize
  const text = `${resolve(directory)}, ${megabytes(free)} free`
  return free < ROOM
    ? warning(name, text, 'Make room: entries that cannot be written stop the commands.')
    : ok(name, text)
}

export function checkMemory(free = freemem(), total = totalmem()): Finding {
  const text = `${megabytes(free)} of ${megabytes(total)} free`
  return free < BROWSER
    ? warning('Memory', text, `The browser for WhatsApp takes up to ${megabytes(BROWSER)}.`)
    : ok('Memory', text)
}
