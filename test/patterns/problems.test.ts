import { expect, test } from 'vitest'
import { sources } from '../support/sources.ts'

/** Errors that are neither told as they stand (`Problem`) nor have a code of the table: what becomes of each. */
const OTHERS: Readonly<Record<string, string>> = {
  ChatwardenError: 'The table’s own.',
  Problem: 'What is told as it stands.',
  UsageError: 'Told with the usage, and exit code 2.',
  BadLine: 'A line among others that is skipped or told; never leaves the import.',
  ExportStepError: 'A job’s: it is reported to the owners.',
  FilesMissing: 'The cause of an ExportStepError.',
  Rejected: 'Never leaves the move.',
  LinkDown: 'WhatsApp’s own, which connects again.',
  Unanswered: 'WhatsApp’s own, which connects again.',
  Postponed: 'A delivery’s, which is tried again.',
  ModerationError: 'A host’s, who called.',
  PermissionError: 'A host’s, who called.',
  CircuitOpenError: 'A host’s, who called.',
}

test('every kind of error is told as it stands, has a code, or is listed with what becomes of it', () => {
  const found = sources().flatMap(({ text }) =>
    [...text.matchAll(/class (\w+) extends Error\b/g)].map(([, name]) => name),
  )
  expect(found.sort()).toEqual(Object.keys(OTHERS).sort())
})
