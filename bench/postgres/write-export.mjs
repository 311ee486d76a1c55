// @ts-check
// Writes all entries of a trail as JSONL and prints how long that took: write-export.mjs ours|raw URL FOLDER FILE
import { createHash } from 'node:crypto'
import { closeSync, createReadStream, openSync, writeSync } from 'node:fs'
import pg from 'pg'
import Cursor from 'pg-cursor'
import { compiled } from '../measure.mjs'
import { connect } from './connect.mjs'

const [how, url = '', folder = '', out = ''] = process.argv.slice(2)
/** @param {string} file */
const load = (file) => import(compiled(file).href)
const PAGE = 1000

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
  const key = new SigningKey({ databaseUrl: url, dataDir: folder, signingKey: undefined, origin: undefined })
  const exporter = new Exporter(() => openSnapshot(url), key, { now: Date.now })
  return async () =>
    (await exporter.write({ path: out, filter: {}, format: 'jsonl', by: 'bench', timeZone: 'UTC' })).count
}

/** A cursor of the driver, and the same lines. */
async function raw() {
  const { formatOf } = await load('audit/export/formats.js')
  const format = formatOf('jsonl')
  const client = await connect(url)
  pg.types.setTypeParser(pg.types.builtins.TIMESTAMP, (text) => new Date(`${text.replace(' ', 'T')}Z`))
  const columns = `seq, id, created_at AS "createdAt", source, category, action, description, user_id AS "userId",
    phone_number AS "phoneNumber", actor_name AS "actorName", user_role AS "userRole", resource_type AS "resourceType",
    resource_id AS "resourceId", channel_id AS "channelId", request_id AS "requestId", ip_address AS "ipAddress",
    user_agent AS "userAgent", metadata, encode(nonce, 'hex') AS nonce`
  return async () => {
    const file = openSync(out, 'w')
    const cursor = client.query(new Cursor(`SELECT ${columns} FROM audit_logs ORDER BY seq`))
    let count = 0
    for (;;) {
      const page = await cursor.read(PAGE)
      if (page.length === 0) break
      writeSync(file, format.lines(page))
      count += page.length
    }
    closeSync(file)
    await client.end()
    return count
  }
}
