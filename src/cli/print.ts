import { shownLine, shownLines } from '../kernel/plain-text.ts'
import { withoutPasswords } from '../kernel/without-password.ts'

export type Print = (line: string) => void

/** Prints one line. What others wrote in it neither ends it nor is obeyed by a terminal, now or when the output is read later. */
export const print: Print = (line) => void process.stdout.write(`${shownLine(line)}\n`)

/** Prints a text of several lines, each after the same indentation. */
export function printLines(text: string, print: Print, indentation = ''): void {
  for (const line of text.split('\n')) print(line === '' ? '' : `${indentation}${line}`)
}

/** Prints what went wrong. Whatever others wrote is in it, no line but the first begins where ours do. */
export const printProblem = (text: string, print: Print): void => printLines(hanging(text), print)

/** The same on stderr; `rest`: further lines, which are ours. */
export const complain = (text: string, rest = ''): void =>
  void process.stderr.write(`${shownLines(hanging(text))}\n${rest}`)

/** Who wrote a URL in the wrong place does not read its password here. */
const hanging = (text: string): string => withoutPasswords(text).replace(/\n(?! {2})/g, '\n  ')
