import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { report } from '../../src/cli/report.ts'
import type { PeriodName } from '../../src/report/period.ts'
import { FakeClock, openTestWarden, type TestWarden } from './chatwarden.ts'

/** The moment at which reports of tests end, unless the clock is moved. */
export const NOW = Date.UTC(2026, 5, 15, 12)

export interface Reports {
  readonly warden: TestWarden
  readonly clock: FakeClock
  /** Lets a stranger be flagged so many times, as they write at that moment. */
  flag(at: number, times?: number, phoneNumber?: string): Promise<void>
  /** The text of a report, as it is printed. */
  text(period?: PeriodName): Promise<string>
  page(period?: PeriodName): Promise<string>
}

/** A Chatwarden whose users were seeded a year ago, so that reports hold only what a test writes. */
export async function openForReports(env: Readonly<Record<string, string>> = {}): Promise<Reports> {
  const clock = new FakeClock(NOW - 365 * 86_400_000)
  const warden = await openTestWarden({ clock, env })
  const print = async (period: PeriodName, html?: string) => {
    const lines: string[] = []
    await report(warden.config, { period, html }, clock, (line) => lines.push(line))
    return lines.join('\n')
  }
  const flag = async (at: number, times = 1, phoneNumber = '+15550000901') => {
    clock.time = at
    const user = { phoneNumber }
    const flags = Array.from({ length: times }, () =>
      warden.AuditLogger.logModerationFlag({ user, flaggedCategories: ['spam'] }),
    )
    await Promise.all(flags)
  }
  return {
    warden,
    clock,
    flag,
    text: (period = 'daily') => print(period),
    page: async (period = 'daily') => {
      const path = join(warden.folder, 'report.html')
      await print(period, path)
      return readFileSync(path, 'utf8')
    },
  }
}

/** What a report says under one of its titles. */
export const sectionOf = (text: string, title: string): string =>
  text.split(`\n${title}\n${'-'.repeat(title.length)}\n`)[1]?.split(/\n\n[^\n]+\n-+\n/)[0] ?? ''

/** Its lines without the spaces that make columns of them. */
export const linesOf = (section: string): string[] =>
  section
    .split('\n')
    .map((line) => line.trim().replace(/ {2,}/g, ' | '))
    .filter((line) => line !== '')
