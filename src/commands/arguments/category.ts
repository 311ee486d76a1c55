import { z } from 'zod'
import { AuditCategory } from '../../audit/entry/event-type.ts'
import { type Argument, ofOurs, oneWord } from '../argument.ts'

export const category: Argument<AuditCategory> = {
  placeholder: `<${Object.values(AuditCategory).join('|')}>`,
  take: oneWord,
  absent: () => undefined,
  schema: () => ofOurs.pipe(z.enum(AuditCategory)),
  missing: (texts) => texts.arguments.categoryMissing,
  invalid: (texts) => texts.arguments.category,
}
