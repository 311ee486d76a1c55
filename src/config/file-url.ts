import { lookAt } from '../kernel/look-at.ts'
import { pathProblem } from '../kernel/path-problem.ts'

const WANTED = 'must name a file, as file:PATH, or a database on a server, as postgresql://USER:PASSWORD@HOST/DATABASE'

/** Whether a text is meant to be the URL of a file, however it is written: there is no password in it. */
export const isMeantAsFile = (text: string): boolean => /^file:/i.test(text) && !/@|:\/\/[^/]/.test(text.slice(5))

/** `file:///PATH` is what everybody else writes for `file:/PATH`. */
export const plainFileUrl = (url: string): string => url.replace(/^file:\/{3,}/, 'file:/')

/**
 * What is wrong with the URL of a database in a file, and what to write, in words that go on from its name; `undefined`:
 * nothing. A trail never begins in a file that was not meant.
 */
export function fileUrlProblem(text: string): string | undefined {
  if (/^\s*["'`“”„‘’]|["'`“”‘’]\s*$/u.test(text)) return 'has quotes, which nobody takes away here; write it without'
  if (!text.startsWith('file:')) return schemeProblem(text)
  const url = plainFileUrl(text)
  const path = url.slice('file:'.length)
  if (path === '' || path.startsWith('file:') || path.includes(':memory:') || isLikeServer(path)) return WANTED
  if (path.startsWith('//')) return hostProblem(path)
  const problem = suffixProblem(path) ?? pathProblem(path)
  return problem === undefined ? placeProblem(path) : `names no file as it is: the path ${problem}`
}

function schemeProblem(text: string): string {
  const [, scheme = '', rest] = /^(file|sqlite3?):(?:\/\/(?!\/))?(.*)$/is.exec(text) ?? []
  if (rest === undefined) return isPath(text) ? `${WANTED}${advice(text)}` : WANTED
  return `must begin with file:${/^file$/i.test(scheme) ? ' in small letters' : ''}${advice(rest)}`
}

/** That of a file for certain, and no other word. */
const isPath = (text: string): boolean => /^\.{0,2}\/[^/]/.test(text) && !/[\\/]$/.test(text)

function hostProblem(path: string): string {
  const rest = path.slice(2)
  return rest.startsWith('.')
    ? `has // before a path of this folder${advice(rest)}`
    : 'has // and then the name of a machine; write the path alone, as file:/srv/chatwarden.db'
}

function suffixProblem(path: string): string | undefined {
  if (/^\/[A-Za-z]:/.test(path)) return 'is a path of Windows; write one of this machine, as /home/me/…'
  const more = /[;&][^/;&=]*=/.exec(path)
  if (more !== null && !path.slice(0, more.index).includes('?') && !path.includes('#'))
    return `is followed by parameters, of which there are none${advice(path.slice(0, more.index))}`
  const at = path.search(/[?#]/)
  if (at < 0) return undefined
  // A # may be meant as a part of the name, and then the name before it is that of another file.
  if (path.includes('#')) return 'is followed by a #, which no name of a database may hold'
  return `is followed by parameters, of which there are none${advice(path.slice(0, at))}`
}

/** What to write, where that is certain; who wrote a password by mistake does not read it here. */
const advice = (path: string): string =>
  path === '' || path.startsWith('//') || /[?#]/.test(path) || isLikeServer(path) || pathProblem(path) !== undefined
    ? ''
    : `; write file:${path}`

/** As `USER:PASSWORD@HOST` is. */
const isLikeServer = (path: string): boolean => path.includes('@') && path.includes(':')

/** What lies there already, and is no file. */
function placeProblem(path: string): string | undefined {
  if (/[\\/]$/.test(path)) return `names a folder; write the file in it too, as file:${path}chatwarden.db`
  const there = lookAt(path)
  // What is below a file is told by whoever makes its folder.
  if (there === undefined || there === 'below a file') return undefined
  if (there.isDirectory()) return `names a folder; write the file in it too, as file:${path}/chatwarden.db`
  return there.isFile() ? undefined : 'names a device, a pipe or a socket, and no file'
}
