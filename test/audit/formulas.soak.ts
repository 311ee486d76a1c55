import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { OWNER, openTestWarden, temporaryFolder, USER } from '../support/chatwarden.ts'
import { FORMULAS } from '../support/formulas.ts'

/** As long as numbers get (E.164). */
const LONGEST = '+491234567890123'

beforeAll(() => {
  if (spawnSync('soffice', ['--version']).status !== 0)
    throw new Error(
      'This soak needs LibreOffice, which is not on this machine: apt-get install --no-install-recommends libreoffice-calc-nogui',
    )
})

interface Cell {
  readonly isFormula: boolean
  readonly text: string
}

/** By the character that it is told to separate cells by; the number of the quote, of UTF-8, of the first line. */
const SEPARATORS = { commas: ',', semicolons: ';', tabs: '\t' } as const

/** The cells of a CSV as LibreOffice has them when it was opened there. */
function opened(content: string | Buffer, separator: string = SEPARATORS.commas): Cell[] {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'file.csv'), content)
  const profile = `-env:UserInstallation=file://${folder}/profile`
  const filter = `--infilter=CSV:${separator.charCodeAt(0)},34,76,1`
  const args = ['--headless', profile, filter, '--convert-to', 'fods', '--outdir', folder, join(folder, 'file.csv')]
  execFileSync('soffice', args, { stdio: 'ignore', timeout: 120_000 })
  const sheet = readFileSync(join(folder, 'file.fods'), 'utf8')
  return [...sheet.matchAll(/<table:table-cell\b([^>]*?)(?:\/>|>(.*?)<\/table:table-cell>)/gs)].map(
    ([, attributes = '', inner = '']) => ({
      isFormula: attributes.includes('table:formula='),
      text: inner.replace(/<[^>]*>/g, ''),
    }),
  )
}

test.each(Object.entries(SEPARATORS))(
  'LibreOffice does take cells behind %s for formulas where nothing is done about it',
  (_, separator) => {
    const line = ['a', '=1+1', '"=2+2"', '""=3+3', 'b'].join(separator)
    expect(opened(`${line}\r\n`, separator).filter(({ isFormula }) => isFormula).length).toBeGreaterThan(1)
  },
)

test.each([undefined, 'moderation'] as const)(
  'no cell of a CSV is a formula in LibreOffice: profile %s',
  async (profile) => {
    const warden = await openTestWarden()
    for (const [n, text] of FORMULAS.entries())
      await warden.AuditLogger.record({
        action: 'PERMISSION_DENIED',
        actor: { account: n % 2 === 0 ? USER : LONGEST, role: text, name: text, userId: text },
        place: { source: 'api', channelId: text, requestId: text, ipAddress: text, userAgent: text },
        metadata: { attemptedAction: text, reason: text },
      })
    await warden.AuditLogger.logConfigChange({
      performedBy: { phoneNumber: OWNER },
      setting: '=1+1',
      oldValue: '=1+1',
      newValue: '@SUM(A1)',
    })
    const path = join(temporaryFolder(), 'hostile.csv')
    await warden.AuditLogRepository.exportTo(path, 'csv', {}, profile && { profile })
    const cells = opened(readFileSync(path))
    expect(cells.length).toBeGreaterThan(FORMULAS.length * 5)
    for (const separator of Object.values(SEPARATORS))
      expect(opened(readFileSync(path), separator).filter(({ isFormula }) => isFormula)).toEqual([])
    const texts = cells.map(({ text }) => text.trim().replace(/^\+/, ''))
    for (const phone of [USER, LONGEST]) expect(texts).toContain(phone.slice(1))
  },
)
