import { OthersMask } from '../../src/audit/data-request/mask-others.ts'
import { writtenForms } from '../../src/audit/data-request/written-forms.ts'
import { unnamed } from '../../src/audit/remove/unnamed.ts'
import { isTimeWord } from '../../src/commands/arguments/time-words.ts'
import { tracesOf } from '../../src/commands/traces.ts'
import { isAccount, isPlatform, parseAccount } from '../../src/kernel/account.ts'
import { couldBeByPlan } from '../../src/kernel/numbering-plan.ts'

const PHONE = '+15550001111'
const OTHERS = ['telegram:42', PHONE, 'whatsapp:123456@lid']
const mask = new OthersMask(OTHERS)

/** What each pattern that is made of text is for, by the file that makes it: as many as it makes. */
export const MADE: Readonly<Record<string, readonly ((text: string) => unknown)[]>> = {
  'audit/data-request/mask-others.ts': [(text) => mask.text(text)],
  // Of the accounts that one entry names, in the texts of that entry: the same form as the one above.
  'audit/data-request/subject-view.ts': [(text) => mask.text(text)],
  'audit/data-request/written-forms.ts': [
    (text) => new OthersMask([]).text(text),
    (text) => text.replace(writtenForms([PHONE.slice(1)]), ''),
  ],
  'audit/remove/unnamed.ts': [
    (text) => unnamed(text, [], 'a-a'),
    (text) => unnamed(text, ['whatsapp:123456@lid', PHONE], undefined),
    (text) => unnamed(text, ['telegram:42'], undefined),
  ],
  'kernel/account.ts': [isAccount, (text) => parseAccount(text), isPlatform],
  'kernel/numbering-plan.ts': [(text) => couldBeByPlan(`+1${text}`)],
  'commands/arguments/time-words.ts': [(text) => isTimeWord(text)],
  'commands/traces.ts': [(text) => tracesOf({ accounts: OTHERS }).map((trace) => trace.isIn(text))],
}

/** Pieces of texts that may take these long; the first ones did once. */
export const PIECES = [
  '1555000111',
  'telegram:42!',
  'x:',
  '0',
  'a',
  '15550001111',
  '分',
  '+',
  ' ',
  'a:',
  'a-',
  '1:',
  ':',
  '1 ',
  '1-',
  '+1 ',
  '٣',
  '5.',
  '1@',
  'a@',
  '1e',
  '12345',
  'telegram:4',
  'entry 1',
  '2026-11-30T',
]
