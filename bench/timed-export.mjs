// @ts-check
import { createReadStream } from 'node:fs'
import { compiled } from './measure.mjs'

/** @param {string} file */
export const load = (file) => import(compiled(file).href)

/**
 * Writes a file and prints how long that took, what memory, and what is in it.
 * @param {() => Promise<number>} write resolves to how many rows
 * @param {string} out
 */
export async function timed(write, out) {
  const start = performance.now()
  const rows = await write()
  const ms = performance.now() - start
  const rss = process.resourceUsage().maxRSS * 1024
  const { sha256Of } = await load('kernel/sha256.js')
  const { sha256 } = await sha256Of(createReadStream(out))
  process.stdout.write(JSON.stringify({ rows, ms, rss, sha256 }))
}

/**
 * How Chatwarden writes all entries of a trail.
 * @param {{ databaseUrl: string, dataDir?: string }} trail
 * @param {{ path: string, format: string, profile?: string }} file
 */
export async function ours(trail, file) {
  const { Exporter } = await load('audit/export/exporter.js')
  const { SigningKey } = await load('audit/write/signing-key.js')
  const { openSnapshot } = await load('storage/snapshot.js')
  const key = new SigningKey({ ...trail, signingKey: undefined, origin: undefined })
  const exporter = new Exporter(() => openSnapshot(trail.databaseUrl), key, { now: Date.now })
  return async () => (await exporter.write({ ...file, filter: {}, by: 'bench', timeZone: 'UTC' })).count
}
