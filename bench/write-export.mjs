// @ts-check
// Writes all entries of a trail to a file and prints how long that took: write-export.mjs ours|raw DATABASE FORMAT FILE
import { closeSync, openSync, writeSync } from 'node:fs'
import Database from 'better-sqlite3'
import { load, ours, timed } from './timed-export.mjs'

const [how, path = '', formatName = '', out = ''] = process.argv.slice(2)
const [name = '', profile] = formatName.split(' ')
const file = { path: out, format: name, ...(profile !== undefined && { profile }) }
await timed(how === 'ours' ? await ours({ databaseUrl: `file:${path}` }, file) : await raw(), out)

/** The driver's own iteration, and the same lines. */
async function raw() {
  const { formatOf } = await load('audit/export/formats.js')
  const format = formatOf(name, profile)
  const database = new Database(path, { readonly: true })
  const columns = `seq, id, created_at AS createdAt, source, category, action, description, user_id AS userId,
    account, account AS phoneNumber, actor_name AS actorName, user_role AS userRole, resource_type AS resourceType,
    resource_id AS resourceId, subject_id AS subjectId, channel_id AS channelId, request_id AS requestId,
    ip_address AS ipAddress, user_agent AS userAgent, metadata, lower(hex(nonce)) AS nonce`
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
