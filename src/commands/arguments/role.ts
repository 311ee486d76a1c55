import { z } from 'zod'
import { ROLES, Role } from '../../roles/role.ts'
import { type Argument, ofOurs, oneWord } from '../argument.ts'

export const role = (shown: readonly Role[] = ROLES): Argument<Role> => ({
  placeholder: `<${shown.join('|')}>`,
  take: oneWord,
  absent: () => undefined,
  schema: () => ofOurs.pipe(z.enum(Role)),
  missing: (texts) => texts.arguments.roleMissing,
  invalid: (texts) => texts.arguments.role,
})
