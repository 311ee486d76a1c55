// @ts-check

/** Where the compiled code is; `BENCH_DIST` measures another build. */
const dist =
  process.env.BENCH_DIST === undefined ? new URL('../dist/', import.meta.url) : folder(process.env.BENCH_DIST)

/** @param {string} file of the compiled code, e.g. `index.js` */
export const compiled = (file) => new URL(file, dist)

/**
 * @typedef {object} Figure what was measured, in `unit`
 * @property {string} name
 * @property {number} value
 * @property {string} unit
 * @property {string} [against] what was measured beside it, in the same run
 * @property {number} [limit] and its value
 * @property {Aim} [aim]
 *
 * @typedef {object} Aim
 * @property {string} text
 * @property {boolean} met
 */

/**
 * @param {readonly number[]} values
 * @param {number} p 0 to 1
 */
export function percentile(values, p) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? Number.NaN
}

/** @param {readonly number[]} values */
export const median = (values) => percentile(values, 0.5)

/**
 * How long something takes, in milliseconds.
 * @param {() => unknown} action
 */
export async function time(action) {
  const start = performance.now()
  await action()
  return performance.now() - start
}

/**
 * Runs every part in turn, `rounds` times, so that what else the machine does weighs on all of them alike.
 * The first round, in which code and caches warm up, is not counted.
 * @template {string} Name
 * @param {number} rounds
 * @param {Record<Name, () => Promise<number>>} parts each returns its own measure
 * @returns {Promise<Record<Name, number[]>>}
 */
export async function interleave(rounds, parts) {
  const names = /** @type {Name[]} */ (Object.keys(parts))
  /** @type {Record<string, number[]>} */
  const measures = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = 0; round <= rounds; round++)
    for (const name of names) {
      const measure = await parts[name]()
      if (round > 0) measures[name]?.push(measure)
    }
  return measures
}

/** @param {string} text */
export const progress = (text) => process.stderr.write(`${text}\n`)

/** @param {readonly Figure[]} figures */
export function table(figures) {
  const head = ['figure', 'value', 'beside it', '', 'ratio', 'aim', '']
  const rows = figures.map(({ name, value, unit, against = '', limit, aim }) => [
    name,
    `${round(value)} ${unit}`,
    limit === undefined ? '' : `${round(limit)} ${unit}`,
    against,
    limit === undefined ? '' : round(value / limit),
    aim?.text ?? '',
    aim === undefined ? '' : aim.met ? 'ok' : 'MISS',
  ])
  const isNumber = [false, true, true, false, true, false, false]
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, i) => (isNumber[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** @param {number} value */
function round(value) {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** @param {string} path */
function folder(path) {
  return new URL(`${path.replace(/\/*$/, '')}/`, `file://${process.cwd()}/`)
}
