import { expect, it } from 'vitest'
import { copyPieces } from '../../src/storage/postgresql/copy-text.ts'

it('writes what COPY reads back as it was', () => {
  const rows = [
    [1, 'plain', null, new Date('2026-11-21T10:00:00.123Z'), Uint8Array.of(0, 255)],
    [2, 'a\tb\nc\rd\\e', '\\N', new Date('2026-11-21T10:00:00.123Z'), Uint8Array.of()],
  ]
  expect([...copyPieces(rows)].join('')).toBe(
    '1\tplain\t\\N\t2026-11-21T10:00:00.123\t\\\\x00ff\n2\ta\\tb\\nc\\rd\\\\e\t\\\\N\t2026-11-21T10:00:00.123\t\\\\x\n',
  )
})
