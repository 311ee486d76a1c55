/**
 * What shows that a text is no path as it stands, in words that go on from its name; `undefined`: nothing. Nobody
 * replaces here what a shell would, so that a file of a strange name would be made.
 */
export function pathProblem(text: string): string | undefined {
  if (text.trim() === '' || holdsControls(text)) return 'must be a path'
  return SIGNS.find(([sign]) => sign.test(text))?.[1]
}

/** Line breaks of all kinds are among them. */
export const holdsControls = (text: string): boolean => /[\p{Cc}\p{Zl}\p{Zp}]/u.test(text)

const DRIVE = /^[A-Za-z]:/

const SIGNS: readonly (readonly [RegExp, string])[] = [
  [/^\s|\s$/u, 'begins or ends with a space; write it without'],
  [/"|^['`“”„‘’]|['`“”‘’]$/u, 'has quotes, which nobody takes away here; write it without'],
  [/^~|\/~\//, 'holds a ~, which only a shell replaces; write the whole path, as /home/me/…'],
  [/\$[A-Za-z_{(]/, 'holds a $ variable, which only a shell replaces; write the whole path'],
  [/%[A-Za-z_][A-Za-z0-9_()]*%/, 'holds a % variable, which only a shell replaces; write the whole path'],
  [/^(?:[A-Za-z][A-Za-z0-9+.-]+)?:/, 'is a URL; write the path alone'],
  [/%[0-9A-Fa-f]{2}/, 'holds a % escape, which is not read; write the characters themselves'],
  ...(process.platform === 'win32'
    ? []
    : ([
        [DRIVE, 'is a path of Windows, and this is none; write one of this machine, as /home/me/…'],
        [/\\/, 'holds a \\, which is no separator here; write /'],
      ] as const)),
]
