import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { createTerminal, type TerminalOptions } from '../../src/chat/terminal/terminal.ts'
import type { Phone } from '../../src/kernel/phone.ts'
import type { ChatHarness, Delivered } from './chat-contract.ts'

const OPERATOR_PHONE = '+15550000001'

/** Everything written to an output, and each write by itself. */
export class Recorder extends Writable {
  readonly writes: string[] = []

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.writes.push(chunk.toString('utf8'))
    done()
  }

  get text(): string {
    return this.writes.join('')
  }
}

/** The two ends of a terminal with a person before it, 80 columns wide and with colours. */
export function fakeTty(): { input: PassThrough; output: Recorder; modes: boolean[] } {
  const modes: boolean[] = []
  const setRawMode = (mode: boolean) => void modes.push(mode)
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode })
  const output = Object.assign(new Recorder(), { isTTY: true, columns: 80, hasColors: () => true })
  return { input, output, modes }
}

export const terminalOptions = (options: Partial<TerminalOptions> = {}): TerminalOptions => ({
  actAs: OPERATOR_PHONE,
  operator: 'sam@desk',
  commandNames: ['audit list', 'audit export', 'role promote'],
  prefix: '!config',
  ...options,
})

/** The terminal behind pipes: people write by way of `/as` and `/group`, and what is printed is read back. */
export async function createTerminalHarness(): Promise<ChatHarness> {
  const exportDirectory = await mkdtemp(join(tmpdir(), 'terminal-harness-'))
  const input = new PassThrough()
  const output = new Recorder()
  return {
    adapter: createTerminal(terminalOptions({ input, output, exportDirectory })),
    async receive(text, { from, group }) {
      input.write(`/as ${from}\n${group === undefined ? '/private' : `/group ${group}`}\n${text}\n`)
    },
    sent: () => readBack(output.writes),
    async dispose() {
      await rm(exportDirectory, { recursive: true, force: true })
    },
  }
}

/** What is printed in brackets is the terminal's own; a message without a label is in the private chat being shown. */
async function readBack(writes: readonly string[]): Promise<Delivered[]> {
  const delivered: Delivered[] = []
  let phone: Phone = OPERATOR_PHONE
  for (const printed of writes) {
    const arrived = /^\(You are now (\+\d+),/.exec(printed)?.[1]
    if (arrived !== undefined) phone = arrived as Phone
    if (!printed.startsWith('(')) delivered.push(await readMessage(printed, phone))
  }
  return delivered
}

async function readMessage(printed: string, shown: Phone): Promise<Delivered> {
  const [, id, isPrivate, rest = ''] = /^(?:→ (\S+?)( \(private\))?:\n)?(.*)\n$/s.exec(printed) ?? []
  const [, text = '', path] = /^(.*?)\n?(?:📎 Saved: (.*))?$/su.exec(rest) ?? []
  const to = id === undefined ? { private: shown } : isPrivate ? { private: id as Phone } : { group: id }
  return path === undefined ? { to, text } : { to, text, file: { name: basename(path), bytes: await readFile(path) } }
}
