// @ts-check
// Writes all entries of a trail as JSONL and prints how long that took: write-export.mjs ours|raw URL FOLDER FILE
import { closeSync, openSync, writeSync } from 'node:fs'
import pg from 'pg'
import Cursor from 'pg-cursor'
import { load, ours, timed } from '../timed-export.mjs'
import { connect } from './connect.mjs'

const [how, url = '', folder = '', out = ''] = process.argv.slice(2)
const PAGE = 1000
const trail = { databaseUrl: url, dataDir: folder }
await timed(how === 'ours' ? await ours(trail, { path: out, format: 'jsonl' }) : await raw(), out)

/** A cursor of the driver, and the same lines. */
async function raw() {
  const { formatOf } = await load('audit/export/formats.js')
  const format = formatOf('jsonl')
  const client = await connect(url)
  pg.types.setTypeParser(pg.types.builtins.TIMESTAMP, (text) => new Date(`${text.replace(' ', 'T')}Z`))
  const columns = `seq, id, created_at AS "createdAt", source, category, action, description, user_id AS "userId",
    account, actor_name AS "actorName", user_role AS "userRole", resource_type AS "resourceType",
    resource_id AS "resourceId", subject_id AS "subjectId", channel_id AS "channelId", request_id AS "requestId",
    ip_address AS "ipAddress", user_agent AS "userAgent", metadata, encode(nonce, 'hex') AS nonce`
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
