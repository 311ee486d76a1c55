import { describe, expect, test } from 'vitest'
import { ADMIN, OWNER, openTestWarden, STRANGER, USER } from '../support/chatwarden.ts'
import { shareWarden } from '../support/shared-warden.ts'
import { entriesOf, textOf } from '../support/trail.ts'

const LIST = 'User Roles Summary'
const NEARLY = 'Commands begin with'

/** Ways in which people, phones and clipboards write a command. */
const FORMS: Readonly<Record<string, (command: string) => string>> = {
  'a space after the mark': (command) => command.replace('!', '! '),
  'several spaces after the mark': (command) => command.replace('!', '!\u00A0 '),
  'a full-width mark': (command) => command.replace('!', '！'),
  'full-width letters': (command) =>
    command.replace(/[!-~]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)),
  'an ideographic space': (command) => command.replaceAll(' ', '\u3000'),
  capitals: (command) => command.toUpperCase(),
  'a Turkish capital': (command) => command.replaceAll('i', 'İ'),
  bold: (command) => `*${command}*`,
  'bold and italic': (command) => `*_${command}_*`,
  code: (command) => `\`${command}\``,
  'a block of code': (command) => `\`\`\`\n${command}\n\`\`\``,
  'a bold prefix': (command) => command.replace(/^\S+/, '*$&*'),
  'bold words': (command) => command.replace(/ (\S+)/g, ' *$1*'),
  'marks that nobody sees around everything': (command) =>
    `\uFEFF\u200E${command.replaceAll(' ', '\u200B \u2068')}\u2069`,
  'marks that nobody sees within words': (command) => command.replace(/\B/g, '\u00AD'),
  'a mark that nobody sees alone at the end': (command) => `${command} \u200F`,
  'line breaks': (command) => `\n${command.replaceAll(' ', '\r\n')}\n`,
}

describe('a command is understood', () => {
  const shared = shareWarden()

  test.each(Object.entries(FORMS))('written with %s', async (_, form) => {
    for (const command of ['!config role list', '!config audit category config']) {
      const text = form(command)
      expect([text, shared.warden.isCommand({ text })]).toEqual([text, true])
      expect([text, (await shared.warden.say(ADMIN, text)).status]).toEqual([text, 'answered'])
    }
  })

  test.each(Object.entries(FORMS))('by the bare prefix written with %s', async (_, form) => {
    expect((await shared.warden.say(ADMIN, form('!config'))).status).toBe('answered')
  })

  test.each([
    ['"', '"'],
    ['“', '”'],
    ['”', '”'],
    ['„', '“'],
    ['‚', '‘'],
    ['«', '»'],
    ['»', '«'],
    ['‹', '›'],
    ['「', '」'],
    ['『', '』'],
    ['＂', '＂'],
  ])('with a reason in %s%s', async (open, close) => {
    const { warden } = shared
    // In quotes neither a time nor somebody else is meant.
    const command = `!config user block ${USER} ${open}for 2h, says @bob${close}`
    const { result, entries } = await entriesOf(warden, () => warden.say(OWNER, command))
    expect(result.status).toBe('answered')
    expect(entries).toMatchObject([{ metadata: { reason: 'for 2h, says @bob' } }])
    expect(entries[0]?.metadata).not.toHaveProperty('until')
    expect((await warden.say(ADMIN, `!config audit search text:${open}says @bob${close}`)).status).toBe('answered')
    await warden.say(OWNER, `!config user unblock ${USER}`)
  })

  test('with words in quotes that may be apostrophes, as long as nothing in them means something else', async () => {
    const { warden } = shared
    const reasonOf = async (words: string) => {
      const { entries } = await entriesOf(warden, () => warden.say(OWNER, `!config user block ${USER} ${words}`))
      await warden.say(OWNER, `!config user unblock ${USER}`)
      return entries.find(({ action }) => action === 'USER_BLOCK')?.metadata.reason
    }
    expect(await reasonOf('‘spam links’')).toBe('spam links')
    expect(await reasonOf('‘don’t spam’')).toBe('don’t spam')
    expect(await reasonOf("'spam links'")).toBe("'spam links'")
    for (const quotes of ['‘’', "''"]) {
      const found = await warden.say(ADMIN, `!config audit search text:${quotes[0]}spam links${quotes[1]}`)
      expect(found.status).toBe('answered')
    }
  })

  test.each([
    "'til the users' meeting",
    '‘til the users’ meeting',
    "'coz spamming for 2h, mods' orders",
    "'nuff spam for 2h after users' complaints",
    "'ne Stunde wegen Hans'",
    '‘for 2h, says @bob’',
    '» for 2h « spam',
    'for ~2h~ 30m',
  ])('without taking for a quote what may be none: %s', async (words) => {
    expect((await shared.warden.say(OWNER, `!config user block ${USER} ${words}`)).status).toBe('usage')
  })

  test('with each word of a duration bold', async () => {
    const { warden } = shared
    const command = `!config user block ${USER} *for* *2h* spam`
    const { result, entries } = await entriesOf(warden, () => warden.say(OWNER, command))
    expect(result.status).toBe('answered')
    expect(entries).toMatchObject([{ metadata: { reason: 'spam', until: expect.any(String) } }])
    await warden.say(OWNER, `!config user unblock ${USER}`)
  })

  test.each(['São Paulo', 'Ünïcode'])('whether accents stand with their letters or apart: %s', async (words) => {
    const { warden } = shared
    await warden.say(OWNER, `!config user block ${USER} ${words.normalize('NFD')}`)
    for (const form of ['NFC', 'NFD'] as const) {
      const found = await warden.ask(ADMIN, `!config audit search text:"${words.normalize(form)}"`)
      expect(found).toContain('USER_BLOCK')
    }
    await warden.say(OWNER, `!config user unblock ${USER}`)
  })

  test.each(['more', 'More', 'MORE.', '*more*', ' more\u200E', 'ｍｏｒｅ'])(
    'where a page goes on: %j',
    async (text) => {
      await shared.warden.say(ADMIN, '!config audit list')
      expect((await shared.warden.say(ADMIN, text)).status).toBe('answered')
    },
  )
})

describe('a prefix', () => {
  test.each<[prefix: string, understood: readonly string[], others: readonly string[]]>([
    ['!', ['!role list', '! role list', '！role list', '*!role list*'], ['!', '!!', '?!', '!…', 'role list!']],
    ['/', ['/role list', '/ role list'], ['/', '//', 'a/role list']],
    ['bot:', ['bot: role list', 'Bot:role list'], ['bot role list', 'robot: role list']],
    ['!café', ['!cafe\u0301 role list', '!CAFÉ role list'], ['!ca role', '!cafetería role list']],
    ['ΕΝΤΟΛΗΣ', ['ΕΝΤΟΛΗΣ role list', 'εντολης role list'], ['ΕΝΤΟΛΗ role list']],
    ['İx', ['İx role list', 'I\u0307x role list', 'ix role list'], ['x role list']],
    ['lệnh', ['lệnh role list', 'lê\u0323nh role list', 'LỆNH role list'], ['lenh role list']],
    ['ｃｗ', ['cw role list', 'ＣＷ role list'], ['cwrole list']],
  ])('such as %s stands before a command as people write it', async (prefix, understood, others) => {
    const warden = await openTestWarden({ env: { COMMAND_PREFIX: prefix } })
    for (const text of understood) {
      expect([text, warden.isCommand({ text })]).toEqual([text, true])
      expect([text, textOf(await warden.say(OWNER, text))]).toEqual([text, expect.stringContaining(LIST)])
    }
    for (const text of others) {
      expect([text, warden.isCommand({ text })]).toEqual([text, false])
      expect([text, (await warden.say(OWNER, text)).status]).toEqual([text, 'ignored'])
    }
  })
})

describe('what was clearly meant as a command and is none', () => {
  const shared = shareWarden()

  test.each([
    '!confg role list',
    '!Cofnig role list',
    '!konfig role list',
    '!!config role list',
    '¡config role list',
    '❗config role list',
    '‼config role list',
    '!config: role list',
    '!config, role list',
    '!config-role list',
    '! config rol list',
    '“!config role list”',
    '*!config role list',
    '~!config role list~',
  ])('is said to be, with what to send: %s', async (text) => {
    const { warden } = shared
    expect(warden.isCommand({ text })).toBe(true)
    const { result, entries } = await entriesOf(warden, () => warden.say(OWNER, text))
    expect(result).toMatchObject({ status: 'usage', replies: [{ text: expect.stringContaining(NEARLY) }] })
    expect(result.replies[0]?.text).toMatch(/!config (?:role|audit) list/)
    expect(entries).toEqual([])
  })

  test('does nothing, and repeats nothing that may be a secret', async () => {
    const answer = await shared.warden.ask(OWNER, '!confg set some-key hunter2')
    expect(answer).toContain('!config set <key>')
    expect(answer).not.toContain('hunter2')
  })

  test.each([
    '`!config audit hold add all case 7` puts a hold on everything',
    `\`!config user block ${USER} spam\` is what you type, \`no\``,
    `*!config user block ${USER} spam* is how one blocks`,
    `~!config role promote ${USER} ADMIN~`,
    `*!config user block ${USER} because he *really*`,
  ])('is never carried out where a part of the message is meant: %s', async (text) => {
    const { result, entries } = await entriesOf(shared.warden, () => shared.warden.say(OWNER, text))
    expect(['usage', 'ignored']).toContain(result.status)
    expect(entries).toEqual([])
  })

  test.each(['!', '.', '-', '#', '/'])('is no sentence after a prefix of one mark such as %s', async (prefix) => {
    const warden = await openTestWarden({ env: { COMMAND_PREFIX: prefix } })
    for (const words of ['why not?', 'get some sleep', 'set your clocks back'])
      for (const text of [`${prefix}${prefix}${prefix} ${words}`, `¡${words}`, `❗ ${words}`])
        expect([text, warden.isCommand({ text })]).toEqual([text, false])
  })

  test.each(['*cw', '_', '"', '“cw', '`'])('is kept from coming up by a prefix such as %s', async (prefix) => {
    await expect(openTestWarden({ env: { COMMAND_PREFIX: prefix } })).rejects.toThrow('COMMAND_PREFIX')
  })

  test('is denied to those who may send no command, as any other is', async () => {
    expect((await shared.warden.say(STRANGER, '!confg role list')).status).toBe('denied')
  })

  test.each([
    'hello',
    '!',
    '!!!',
    '! config is broken again',
    '!configure role list',
    '!play role list',
    '/config role list',
    '.config role list',
    'the !config role list',
    '! config list is broken',
    '! config why does it fail',
    '`!config role list` shows the roles',
    '`!config role list` and `more`',
    'say “!config role list”',
    '!confg',
    '!confit',
    '!confirm 123456',
    '“!config role list” shows the roles',
    '* !config role list',
    '',
    ' ',
    '\u200E',
  ])('is not: %j', async (text) => {
    expect(shared.warden.isCommand({ text })).toBe(false)
    expect(await shared.warden.say(OWNER, text)).toEqual({ status: 'ignored', replies: [] })
  })
})
