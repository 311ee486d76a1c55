// @ts-check
// Writes all entries of a trail to a file and prints how long that took: write-export.mjs ours|raw DATABASE FORMAT FILE
import { createHash } from 'node:crypto'
import { closeSync, createReadStream, openSync, writeSync } from 'node:fs'
import Database from 'better-sqlite3'
import { compiled } from './measure.mjs'

const [how, path = '', formatName = '', out = ''] = process.argv.slice(2)
const [name, profile] = formatName.split(' ')
/** @param {string} file */
const load = (file) => import(compiled(file).href)

const write = how === 'ours' ? await ours() : await raw()
const start = performance.now()
const rows = await write()
const ms = performance.now() - start
const rss = process.resourceUsage().maxRSS * 1024
const hash = createHash('sha256')
for await (const chunk of createReadStream(out)) hash.update(chunk)
process.stdout.write(JSON.stringify({ rows, ms, rss, sha256: hash.digest('hex') }))

async function ours() {
  const { Exporter } = await load('audit/export/exporter.js')
  const { SigningKey } = await load('audit/signing-key.js')
  const { openSnapshot } = await load('storage/snapshot.js')
  const key = new SigningKey({ databaseUrl: `file:${path}`, signingKey: undefined, origin: undefined })
  const exporter = new Exporter(() => openSnapshot(`file:${path}`), key, { now: Date.now })
  return async () =>
    (await exporter.write({ path: out, filter: {}, format: name, profile, by: 'bench', timeZone: 'UTC' })).count
}

/** The driver's own iteration, and the same lines. */
async function raw() {
  const { formatOf } = await load('audit/export/formats.js')
  const format = formatOf(name, profile)
  const database = new Database(path, { readonly: true })
  const columns = `seq, id, created_at AS createdAt, source, category, action, description, user_id AS userId,
    phone_number AS phoneNumber, actor_name AS actorName, user_role AS userRole, resource_type AS resourceType,
    resource_id AS resourceId, channel_id AS channelId, request_id AS requestId, ip_address AS ipAddress,
    user_agent AS userAgent, metadata, lower(hex(nonce)) AS nonce`
  const direction = format.order === 'newest' ? 'DESC' : 'ASC'
  const statement = database.prepare(`SELECT ${columns} FROM audit_logs ORDER BY seq ${direction}`)
  return async () => {
    const file = openSync(out, 'w')
    let count = 0
    /** @type {any[]} */
    let page = []
    const flush = () => {
      if (page.length === 0) return
      writeSync(file, (count === 0 ? format.first : format.between) + format.lines(page))
      count += page.length
      page = []
    }
    writeSync(file, format.head)
    for (const row of statement.iterate()) {
      const entry = /** @type {any} */ (row)
      entry.createdAt = new Date(entry.createdAt)
      if (page.push(entry) === 1000) flush()
    }
    flush()
    writeSync(file, format.tail(count))
    closeSync(file)
    return count
  }
}
