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

/** The cells of a CSV as LibreOffice has them when it was opened there. */
function opened(content: string | Buffer): Cell[] {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'file.csv'), content)
  const profile = `-env:UserInstallation=file://${folder}/profile`
  const args = ['--headless', profile, '--convert-to', 'fods', '--outdir', folder, join(folder, 'file.csv')]
  execFileSync('soffice', args, { stdio: 'ignore', timeout: 120_000 })
  const sheet = readFileSync(join(folder, 'file.fods'), 'utf8')
  return [...sheet.matchAll(/<table:table-cell\b([^>]*?)(?:\/>|>(.*?)<\/table:table-cell>)/gs)].map(
    ([, attributes = '', inner = '']) => ({
      isFormula: attributes.includes('table:formula='),
      text: inner.replace(/<[^>]*>/g, ''),
    }),
  )
}

test('LibreOffice does take such cells for formulas where nothing is done about it', () => {
  expect(opened('a,b\r\n=1+1,"=2+2"\r\n').filter(({ isFormula }) => isFormula)).toHaveLength(2)
})

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
    expect(cells.filter(({ isFormula }) => isFormula)).toEqual([])
    const texts = cells.map(({ text }) => text.trim().replace(/^\+/, ''))
    for (const phone of [USER, LONGEST]) expect(texts).toContain(phone.slice(1))
  },
)
