import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Content } from '../../src/chat/adapter.ts'
import { createCompleter } from '../../src/chat/terminal/completion.ts'
import { drawMarkup } from '../../src/chat/terminal/draw.ts'
import { createPrinter } from '../../src/chat/terminal/printer.ts'
import { createTerminal, type TerminalOptions } from '../../src/chat/terminal/terminal.ts'
import type { Attachment, IncomingMessage } from '../../src/kernel/message.ts'
import { chatContract } from '../support/chat-contract.ts'
import { createTerminalHarness, fakeTty, Recorder, terminalOptions } from '../support/terminal-harness.ts'

chatContract({ name: 'the terminal', create: createTerminalHarness })

const ESCAPE = '\x1b'
const BOLD = `${ESCAPE}[1m`

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terminal-test-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** Runs a script through pipes; whatever starts with `!config` is answered with *ok* and what `reply` adds. */
async function runScript(script: string | Buffer | readonly Buffer[], options: Partial<TerminalOptions> = {}) {
  const input = new PassThrough()
  const output = new Recorder()
  const heard: IncomingMessage[] = []
  const terminal = createTerminal(terminalOptions({ input, output, exportDirectory: folder, ...options }))
  await terminal.start(async (message) => {
    heard.push(message)
    if (!message.text.toLowerCase().startsWith('!config')) return
    await terminal.send({ kind: 'chat', chatId: message.chat.id }, { text: `*ok* ${heard.length}` })
  })
  for (const chunk of Array.isArray(script) ? script : [script]) input.write(chunk)
  input.end()
  await terminal.ended
  await terminal.stop()
  return { heard, output, lines: output.text.split('\n').slice(0, -1) }
}

/** Opens a terminal before which somebody sits; everything heard is answered with what they wrote. */
async function sitDown(options: Partial<TerminalOptions> = {}) {
  const { input, output, modes } = fakeTty()
  const heard: IncomingMessage[] = []
  const terminal = createTerminal(terminalOptions({ input, output, exportDirectory: folder, ...options }))
  await terminal.start(async (message) => {
    heard.push(message)
    await terminal.send({ kind: 'chat', chatId: message.chat.id }, { text: `*heard* ${message.text}` })
  })
  const plain = () => stripVTControlCharacters(output.text)
  await expect.poll(plain).toContain('+15550000001> ')
  return { terminal, heard, output, modes, plain, type: (keys: string) => void input.write(keys) }
}

const sees = (plain: () => string, text: string) => expect.poll(plain).toContain(text)

async function attachment(name: string, bytes = '{}'): Promise<Attachment> {
  const source = await mkdtemp(join(folder, '.source-'))
  await writeFile(join(source, 'file'), bytes)
  return { kind: 'document', name, mimeType: 'application/json', path: join(source, 'file') }
}

describe('WhatsApp markup on a terminal', () => {
  test.each([
    ['*bold*', '\x1b[1mbold\x1b[22m'],
    ['_italic_', '\x1b[3mitalic\x1b[23m'],
    ['~struck~', '\x1b[9mstruck\x1b[29m'],
    ['`code`', '\x1b[36mcode\x1b[39m'],
    ['```two\nlines```', '\x1b[36mtwo\nlines\x1b[39m'],
    ['*_both_*', '\x1b[1m\x1b[3mboth\x1b[23m\x1b[22m'],
    ['(*a b*, *c*)', '(\x1b[1ma b\x1b[22m, \x1b[1mc\x1b[22m)'],
    ['*AUDIT_LOG_VIEWED*', '\x1b[1mAUDIT_LOG_VIEWED\x1b[22m'],
  ])('draws %s', (text, drawn) => {
    expect(drawMarkup(text)).toBe(drawn)
  })

  test.each(['AUDIT_LOG_VIEWED', '2*3*4', '* item * item', '*two\nlines*', 'a_b_', '_a_b', '**', 'x ~ y ~ z'])(
    'leaves %j, which WhatsApp would not mark either',
    (text) => {
      expect(drawMarkup(text)).toBe(text)
    },
  )

  test('is not looked for inside code', () => {
    expect(drawMarkup('`*a* _b_`')).toBe('\x1b[36m*a* _b_\x1b[39m')
  })

  test('stays as it is where the terminal shows no colours', async () => {
    const output = Object.assign(new Recorder(), { isTTY: true, hasColors: () => false })
    await createPrinter({ output, exportDirectory: folder, privateChatId: 'me' })(
      { kind: 'chat', chatId: 'me' },
      { text: '*b*' },
    )
    expect(output.text).toBe('*b*\n')
  })

  test('cannot bring escape codes of its own', async () => {
    const { output } = fakeTty()
    const send = createPrinter({ output, exportDirectory: folder, privateChatId: 'me' })
    await send({ kind: 'chat', chatId: 'me' }, { text: 'a\x1b]0;title\x07b\x9b2Jc\td\ne' })
    expect(output.text).toBe('a\uFFFD]0;title\uFFFDb\uFFFD2Jc\td\ne\n')
  })
})

describe('lines through a pipe', () => {
  test('are messages of the operator in the place of the one acted for', async () => {
    const { heard } = await runScript('!config help\n')
    expect(heard).toMatchObject([
      {
        source: 'terminal',
        text: '!config help',
        chat: { id: '+15550000001', kind: 'private' },
        sender: { id: '+15550000001', operator: 'sam@desk' },
      },
    ])
  })

  test('are answered with text alone: no welcome, no prompt, no colours', async () => {
    expect((await runScript('!config a\n!config b\n')).output.text).toBe('*ok* 1\n*ok* 2\n')
  })

  test('count without a line break at the end too, with Windows line breaks and behind a byte order mark', async () => {
    const { heard } = await runScript('\uFEFF!config a\r\n\r\n   \n!config b')
    expect(heard.map(({ text }) => text)).toEqual(['!config a', '!config b'])
  })

  test('are put together from pieces, also where a character is cut', async () => {
    const bytes = Buffer.from('!config “ü”\n!config b\n')
    const { heard } = await runScript([...bytes].map((byte) => Buffer.from([byte])))
    expect(heard.map(({ text }) => text)).toEqual(['!config “ü”', '!config b'])
  })

  test('that are no UTF-8 do no harm', async () => {
    const { heard } = await runScript(Buffer.from([0xff, 0xfe, 0x0a, 0xc3, 0x28, 0x0a, 0xe2, 0x82]))
    expect(heard.map(({ text }) => text)).toEqual(['\uFFFD\uFFFD', '\uFFFD(', '\uFFFD'])
  })

  test('that are longer than a message can be are refused, and the next is heard', async () => {
    const { heard, lines } = await runScript(`!config ${'x'.repeat(5_000_000)}\n!config b\n`)
    expect(heard.map(({ text }) => text)).toEqual(['!config b'])
    expect(lines).toEqual(['(That line is longer than the 65536 characters of a message.)', '*ok* 1'])
  })

  test('that nobody answers are followed by a hint', async () => {
    const { lines } = await runScript('hello\n!configure\n!CONFIG x\n')
    expect(lines).toEqual(['(That is no command. Try: !config help)', '*ok* 2', '*ok* 3'])
  })

  test('that are commands and stay without answer are not called anything else', async () => {
    const output = new Recorder()
    const input = new PassThrough()
    const terminal = createTerminal(terminalOptions({ input, output }))
    await terminal.start(async () => {})
    input.end('!config role list\n')
    await terminal.ended
    expect(output.text).toBe('(No answer.)\n')
  })

  test('end quietly when whoever reads the answers has left', async () => {
    const input = new PassThrough()
    const output = new PassThrough()
    const terminal = createTerminal(terminalOptions({ input, output }))
    const failures: unknown[] = []
    await terminal.start(async ({ chat }) => {
      output.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
      await terminal.send({ kind: 'chat', chatId: chat.id }, { text: 'hi' }).catch((error) => failures.push(error))
    })
    input.write('!config a\n!config b\n')
    await terminal.ended
    expect(failures).toHaveLength(1)
  })

  test('end quietly when the input breaks off', async () => {
    const input = new PassThrough()
    const terminal = createTerminal(terminalOptions({ input, output: new Recorder() }))
    await terminal.start(async () => {})
    input.destroy(new Error('read EIO'))
    await terminal.ended
  })
})

describe("the terminal's own commands", () => {
  test('/as makes the next lines come from somebody else', async () => {
    const { heard, lines } = await runScript('/as +1 (555) 000-1111\n!config a\n')
    expect(heard).toMatchObject([
      { chat: { id: '+15550001111' }, sender: { id: '+15550001111', operator: 'sam@desk' } },
    ])
    expect(lines[0]).toBe('(You are now +15550001111, in the private chat with the bot.)')
  })

  test.each(['/as bob', '/as', '/as +1', '/as 0151 23'])(
    '%s explains what a phone number is, and changes nothing',
    async (line) => {
      const { heard, lines } = await runScript(`${line}\n!config a\n`)
      expect(lines[0]).toContain('international form, e.g. /as +15550001111')
      expect(heard).toMatchObject([{ sender: { id: '+15550000001' } }])
    },
  )

  test.each([
    ['/as 212-555-0123', '(212-555-0123 has no country. Begin with +, e.g. /as +15550001111)'],
    ['/as +54 11 1234-5678', '(That may be either of two numbers: /as 5491112345678@c.us or /as 541112345678@c.us)'],
    ['/as +49 (0)151 23456789', '(You are now +4915123456789, in the private chat with the bot.)'],
    ['/as 541112345678@c.us', '(You are now +541112345678, in the private chat with the bot.)'],
  ])('%s is answered with what the number is', async (line, answer) => {
    const { lines } = await runScript(`${line}\n`)
    expect(lines[0]).toBe(answer)
  })

  test('/group writes in a group, also after /as, until /private or /group alone', async () => {
    const { heard } = await runScript(
      '/group team\n!config a\n/as +15550001111\n!config b\n/private\n!config c\n/group crew\n!config d\n/group\n!config e\n',
    )
    expect(heard.map(({ chat, sender }) => [chat.kind, chat.id, sender.id])).toEqual([
      ['group', 'team', '+15550000001'],
      ['group', 'team', '+15550001111'],
      ['private', '+15550001111', '+15550001111'],
      ['group', 'crew', '+15550001111'],
      ['private', '+15550001111', '+15550001111'],
    ])
  })

  test.each(['/group +15550001111', '/group two words', `/group ${'x'.repeat(101)}`])(
    '%s is refused: it could pass for something else',
    async (line) => {
      const { heard, lines } = await runScript(`${line}\n!config a\n`)
      expect(lines[0]).toContain("A group's id is one word")
      expect(heard).toMatchObject([{ chat: { kind: 'private' } }])
    },
  )

  test('/who says who and where, /help lists them all, an unknown one says which there are', async () => {
    const { heard, output } = await runScript('/who\n/HELP\n/hlep me\n')
    expect(output.text).toContain(
      '(You are +15550000001, in the private chat with the bot. Recorded as typed by sam@desk.)',
    )
    for (const name of ['/as', '/group', '/private', '/who', '/help', '/quit'])
      expect(output.text.split(name).length).toBeGreaterThan(2)
    expect(output.text).toContain("(I don't know /hlep.")
    expect(heard).toEqual([])
  })

  test('/quit ends it; what was typed after is not heard', async () => {
    expect((await runScript('!config a\n/quit\n!config b\n')).heard.map(({ text }) => text)).toEqual(['!config a'])
  })

  test('give way to a prefix that starts with a slash', async () => {
    const { heard } = await runScript('/config help\n/configure\n', { prefix: '/config' })
    expect(heard.map(({ text }) => text)).toEqual(['/config help'])
  })
})

describe('where a message went', () => {
  async function printed(content: Content, privateChatId?: string) {
    const output = new Recorder()
    const send = createPrinter({ output, exportDirectory: folder, ...(privateChatId && { privateChatId }) })
    await send({ kind: 'chat', chatId: '+15550000001' }, content)
    await send({ kind: 'sender', senderId: '15550000001@c.us', phone: '+15550000001' }, content)
    await send({ kind: 'person', account: '+15550001111' }, content)
    await send({ kind: 'chat', chatId: 'team' }, content)
    return output.writes
  }

  test('goes without saying only in the private chat being shown', async () => {
    expect(await printed({ text: 'hi' }, '+15550000001')).toEqual([
      'hi\n',
      'hi\n',
      '→ +15550001111 (private):\nhi\n',
      '→ team:\nhi\n',
    ])
  })

  test('is said of every message where no private chat is shown', async () => {
    expect(await printed({ text: 'hi' })).toEqual([
      '→ +15550000001 (private):\nhi\n',
      '→ +15550000001 (private):\nhi\n',
      '→ +15550001111 (private):\nhi\n',
      '→ team:\nhi\n',
    ])
  })
})

describe('a file', () => {
  const printer = (output: Recorder, exportDirectory = folder) =>
    createPrinter({ output, exportDirectory, privateChatId: 'me' })
  const toMe = { kind: 'chat', chatId: 'me' } as const

  test('is saved where only its reader can read it, and its path printed under the caption', async () => {
    const output = new Recorder()
    const directory = join(folder, 'new', 'exports')
    await printer(output, directory)(toMe, { text: 'the *log*', attachment: await attachment('audit.json', '{"a":1}') })
    const path = join(directory, 'audit.json')
    expect(output.text).toBe(`the *log*\n📎 Saved: ${path}\n`)
    expect(await readFile(path, 'utf8')).toBe('{"a":1}')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  test('never replaces another of the same name, also when several are saved at once', async () => {
    await writeFile(join(folder, 'audit.json'), 'mine')
    const send = printer(new Recorder())
    const files = await Promise.all(['a', 'b', 'c'].map((bytes) => attachment('audit.json', bytes)))
    await Promise.all(files.map((attachment) => send(toMe, { text: '', attachment })))
    const names = ['audit.json', 'audit-2.json', 'audit-3.json', 'audit-4.json']
    const saved = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
    expect(saved[0]).toBe('mine')
    expect(saved.slice(1).sort()).toEqual(['a', 'b', 'c'])
  })

  test.each([
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\boot.ini', 'boot.ini'],
    ['.bashrc', 'bashrc'],
    ['..', 'file'],
    ['', 'file'],
    ['a\nb\x1b[2J.json', 'a b [2J.json'],
    ['a:b*c.csv', 'a_b_c.csv'],
  ])('named %j stays in its directory, as %j', async (name, saved) => {
    const directory = join(folder, 'exports')
    await printer(new Recorder(), directory)(toMe, { text: '', attachment: await attachment(name) })
    expect(await readdir(directory)).toEqual([saved])
  })
})

describe('a person at the prompt', () => {
  test('is welcomed, sees who they are, and gets answers in colour', async () => {
    const { terminal, output, plain, type } = await sitDown({ version: '1.2.3' })
    expect(plain()).toContain('Chatwarden 1.2.3.')
    expect(plain()).toContain('!config help')
    type('!config a\r')
    await sees(plain, 'heard !config a')
    expect(output.text).toContain(`${BOLD}heard${ESCAPE}[22m !config a\n`)
    await terminal.stop()
  })

  test('sees in the prompt whom they act as, and where', async () => {
    const { terminal, plain, type } = await sitDown()
    type('/as +15550001111\r')
    await sees(plain, '+15550001111> ')
    type('/group team\r')
    await sees(plain, '+15550001111 in team> ')
    await terminal.stop()
  })

  test('keeps what they are typing when a message comes in between', async () => {
    const { terminal, heard, plain, type } = await sitDown()
    type('!config half')
    await sees(plain, '!config half')
    await terminal.send({ kind: 'person', account: '+15550001111' }, { text: 'an alert' })
    await sees(plain, '→ +15550001111 (private):\nan alert\n+15550000001> !config half')
    type(' and half\r')
    await expect.poll(() => heard.map(({ text }) => text)).toEqual(['!config half and half'])
    await terminal.stop()
  })

  test('may type ahead; the lines are handled one after another', async () => {
    const { terminal, heard, type } = await sitDown()
    type('!config a\r!config b\r!config c\r')
    await expect.poll(() => heard.map(({ text }) => text)).toEqual(['!config a', '!config b', '!config c'])
    await terminal.stop()
  })

  test.each([
    ['Ctrl-D', '\x04'],
    ['Ctrl-C', '\x03'],
    ['/quit', '/quit\r'],
  ])('leaves with %s, and the terminal is as it was before', async (_, keys) => {
    const { terminal, modes, type } = await sitDown()
    expect(modes).toEqual([true])
    type(keys)
    await terminal.ended
    expect(modes.at(-1)).toBe(false)
  })

  test('leaves with Ctrl-C in the middle of things: the line being handled is answered, no other is begun', async () => {
    const { input, output } = fakeTty()
    const begun: string[] = []
    const terminal = createTerminal(terminalOptions({ input, output }))
    await terminal.start(async ({ text, chat }) => {
      begun.push(text)
      await new Promise((resolve) => setTimeout(resolve, 50))
      await terminal.send({ kind: 'chat', chatId: chat.id }, { text: `done ${text}` })
    })
    input.write('!config a\r!config b\r')
    await expect.poll(() => begun).toEqual(['!config a'])
    input.write('\x03')
    await terminal.ended
    expect(begun).toEqual(['!config a'])
    expect(output.text).toContain('done !config a\n')
  })

  test('clears a line with Ctrl-C and goes on', async () => {
    const { terminal, heard, type } = await sitDown()
    type('!config role demote everyone\x1b[D\x1b[D\x03!config a\r')
    await expect.poll(() => heard.map(({ text }) => text)).toEqual(['!config a'])
    await terminal.stop()
  })

  test('completes a command with Tab', async () => {
    const { terminal, heard, plain, type } = await sitDown()
    for (const key of ['!', 'C', '\t', 'R', 'o', '\t']) {
      // Keys that arrive together are taken for pasted text, in which Tab is a character like any other.
      type(key)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    await sees(plain, '!config role promote ')
    type('x\r')
    await expect.poll(() => heard.map(({ text }) => text)).toEqual(['!config role promote x'])
    await terminal.stop()
  })
})

describe('completion', () => {
  const complete = createCompleter('!config', ['audit list', 'audit export', 'role promote'])
  test.each([
    ['', ['!config ', '/as ', '/group ', '/private ', '/who ', '/help ', '/quit '], ''],
    ['!C', ['!config '], '!C'],
    ['!config', ['!config '], '!config'],
    ['!config ', ['audit list ', 'audit export ', 'role promote '], ''],
    ['!Config AUDIT', ['audit list ', 'audit export '], 'AUDIT'],
    ['!config  audit   e', ['audit export '], 'audit   e'],
    ['!config nothing', [], 'nothing'],
    ['/g', ['/group '], '/g'],
    ['hello', [], 'hello'],
  ])('offers after %j: %j', (line, words, replaced) => {
    expect(complete(line)).toEqual([words, replaced])
  })
})

describe('the history', () => {
  test('brings back the lines of the session before, newest first', async () => {
    const historyFile = join(folder, 'state', 'history')
    const first = await sitDown({ historyFile })
    first.type('!config a\r!config b\r')
    await expect.poll(() => first.heard.length).toBe(2)
    await first.terminal.stop()
    expect(await readFile(historyFile, 'utf8')).toBe('!config a\n!config b\n')
    expect((await stat(historyFile)).mode & 0o777).toBe(0o600)

    const second = await sitDown({ historyFile })
    second.type('\x1b[A\x1b[A\r')
    await expect.poll(() => second.heard.map(({ text }) => text)).toEqual(['!config a'])
    await second.terminal.stop()
  })

  test('keeps 500 lines, and others cannot read it even if they could before', async () => {
    const historyFile = join(folder, 'history')
    const old = Array.from({ length: 700 }, (_, index) => `line ${index}\n`).join('')
    await writeFile(historyFile, old, { mode: 0o644 })
    const { terminal, heard, type } = await sitDown({ historyFile })
    type('!config a\r')
    await expect.poll(() => heard.length).toBe(1)
    await terminal.stop()
    const lines = (await readFile(historyFile, 'utf8')).split('\n').slice(0, -1)
    expect(lines).toHaveLength(500)
    expect([lines[0], lines.at(-1)]).toEqual(['line 201', '!config a'])
    expect((await stat(historyFile)).mode & 0o777).toBe(0o600)
  })

  test('is forgone where its file can be neither read nor written', async () => {
    const historyFile = join(folder, 'a directory')
    await mkdir(join(historyFile, 'full'), { recursive: true })
    const { terminal, heard, type } = await sitDown({ historyFile })
    type('!config a\r')
    await expect.poll(() => heard.length).toBe(1)
    await terminal.stop()
  })
})
