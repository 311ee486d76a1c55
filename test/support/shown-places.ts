/** What stands in a text as it is, and why it may: nobody else can have written it. */
export type Reason =
  | 'count'
  /** By the functions of `text/time.ts` and the like. */
  | 'time'
  /** One of the roles, which are checked where they are read. */
  | 'role'
  /** A constant or a setting's name. */
  | 'ours'
  /** Made by the functions of these files, in which every place is listed too. */
  | 'made'
  /** A page's or a file's, where it is guarded as a whole. */
  | 'page'

/** Every place where something is put into what a chat shows that goes through no function for others' text. */
export const CHAT: Readonly<Record<string, Partial<Record<Reason, readonly string[]>>>> = {
  'text/english.ts': {
    count: ['shown', 'count'],
    time: ['entry.time', 'newest', 'user.created', 'user.blocked', 'time'],
    role: ['role', 'user.role', 'from', 'to', 'least'],
    ours: ['category', 'name', 'summary'],
    made: ['what', 'entry.actor', 'actor', 'line', 'text'],
  },
  'text/english/access.ts': {
    time: ['until', 'wait', 'of.until', 'of.block.until', 'of.block.since'],
    role: ['of.role'],
    made: ['of.by', 'by'],
  },
  'text/english/clock.ts': {
    time: ['now', 'since', 'last'],
    ours: ['TO_SET'],
    made: ['became(doubt)', 'why(doubt)', 'whatToDo(prefix)', 'by', "became({ reason: 'messages', byMs })"],
  },
  'text/english/confirm.ts': {
    count: ['accounts.length'],
    time: ['until'],
    ours: ['UNABLE[why]', 'OPERATOR_DECIDES[0]?.toLowerCase()', 'OPERATOR_DECIDES.slice(1)'],
    made: ['what', 'by'],
  },
  'text/english/data-request.ts': { count: ['percent', 'count'], page: ['subject', 'at', 'timeZone', 'phone', 'role'] },
  'text/english/export.ts': {
    count: [
      'Math.ceil(bytes / 1024)',
      'percent',
      'of.records',
      'size(of.bytes)',
      'minutes',
      'count',
      'of.counts[0]',
      'of.counts[1]',
    ],
    time: ['day', "of.ends.join(' to ')"],
    ours: ['of.sha256.slice(0, 16)', 'address'],
    made: [
      'period',
      'restrictions',
      'of.period.charAt(0).toUpperCase()',
      'of.period.slice(1)',
      'of.restrictions',
      'line',
    ],
  },
  'text/english/filter.ts': {
    count: ['count'],
    ours: ['FILTERS', 'key', "WANTED[key ?? '']", 'name'],
    made: ['shown', 'described(words)'],
  },
  'text/english/numbers.ts': { count: ['n'] },
  'text/english/phone-ends.ts': { ours: ['before'], made: ['phone'] },
  'text/english/settings.ts': {
    time: ['of.later.at', 'of.asOf'],
    role: ['of.role'],
    ours: ['name', 'of.name', 'nearest'],
    made: ['of.what', 'of.by'],
  },
  'text/english/stats.ts': {
    time: ['from', 'to'],
    ours: ['of.offHours.hours', 'timeZone', 'line'],
    made: ['name'],
  },
  'text/english/trail.ts': {
    count: [
      'first',
      'last',
      'size',
      'present',
      'removed.retention',
      'count',
      'seq',
      'removed.erasures.length - 5',
      'inEntries(branches)',
      'listed( branches.map(({ index }) => String(index)), 5, )',
      'n',
      'verdict.findings.length',
      'numbers(verdict)',
      'verdict.comparedWith',
      'verdict.extends',
      'of.erased',
      'of.left',
      'of.held',
      'of.archives',
    ],
    time: ['of.since'],
    ours: ['kind', 'found.kind', 'key'],
    made: ['branch(branches)', 'of.by', 'by'],
    // A finding is put into a chat as a whole, and into a line of the command line.
    page: ['id', 'about'],
  },
  'text/english/why.ts': { time: ['until'], role: ['of.role', 'role', 'least'], made: ['of.rule', 'of.note'] },
  'text/markup.ts': { made: ["masked.replace(DOT, '․').replaceAll('://', ':').replace(QUOTES, \"'\")"] },
  'text/time.ts': { time: ['part.year', 'part.month', 'part.day', 'part.hour', 'part.minute'] },
}

/** The same of pages. */
export const PAGES: Readonly<Record<string, readonly string[]>> = {
  'audit/data-request/html.ts': ['title', 'STYLE', 'seq', "lines.join(' · ')", 'more'],
  'report/hours-svg.ts': ['WIDTH', 'rows.length * height + 4', "drawn.join('')", 'place', 'x', 'bottom'],
  'report/report-html.ts': [
    'STYLE',
    "sections.map(section).join('\\n')",
    "parts.map(part).join('\\n')",
    "row(titles, 'th')",
    'head',
    "rows.map((cells) => row(cells, 'td')).join('\\n')",
    "items.join('\\n')",
    'open(tag, column)',
    'tag',
    'hoursSvg(part)',
    'list',
  ],
}

/** Who writes to a terminal, and how it is kept from obeying what others wrote. */
export const STREAMS: Readonly<Record<string, string>> = {
  'app/bot.ts': 'The first contact guards what WhatsApp says; a code is drawn in colours.',
  'app/say.ts': 'By the printer of the terminal.',
  'chat/terminal/terminal.ts': 'By its drawer.',
  'cli/cli.ts': 'The usage, which is ours.',
  'cli/output.ts': 'Only its errors are taken.',
  'cli/print.ts': 'shownLine, shownLines.',
  'cli/progress-bar.ts': 'Counts.',
  'cli/to-stdout.ts': 'The file that was asked for, to the byte.',
}
