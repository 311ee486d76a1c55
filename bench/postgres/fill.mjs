// @ts-check
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { from as copyFrom } from 'pg-copy-streams'
import { logEvent } from '../events.mjs'
import { compiled, progress } from '../measure.mjs'
import { connect } from './connect.mjs'

/** @typedef {import('../../dist/audit/entry/draft.js').Draft} Draft */

const BATCH = 20_000
/** So many different events come again and again, each time with an id, a time and a nonce of their own. */
const DIFFERENT = 40_000
const DAY = 24 * 60 * 60 * 1000
const DAYS = 390

/** @param {string} file */
const load = (file) => import(compiled(file).href)

/**
 * Fills a new trail with entries of the last 13 months: rows by COPY, a right tree and a signed head, so that the
 * program can go on from there.
 * @param {string} url
 * @param {string} folder where the key that signs lies
 * @param {number} entries
 */
export async function fillTrail(url, folder, entries) {
  const { openDatabase } = await load('storage/database.js')
  const { SigningKey } = await load('audit/write/signing-key.js')
  const { TreeEdge } = await load('audit/tree/tiles.js')
  const { formatCheckpoint } = await load('audit/tree/checkpoint.js')
  const { leafHash } = await load('audit/tree/leaf.js')
  const { newId } = await load('kernel/ids.js')
  await (await openDatabase(url)).close()
  const drafts = await differentDrafts(Math.min(DIFFERENT, entries))
  const signer = new SigningKey({
    databaseUrl: url,
    dataDir: folder,
    signingKey: undefined,
    origin: undefined,
  }).current()
  const edge = TreeEdge.load(0, [])
  const client = await connect(url)
  const end = Date.now() - 60_000
  const timeOf = (/** @type {number} */ seq) => Math.floor(end - DAYS * DAY * (1 - seq / entries))
  for (let time = timeOf(0); time < end + 31 * DAY; time += 20 * DAY)
    await client.query('SELECT audit_prepare_month($1::timestamp)', [new Date(time).toISOString()])
  const start = performance.now()
  /** @type {Map<string, import('../../dist/audit/tree/tiles.js').Tile>} */
  let tiles = new Map()
  for (let from = 0; from < entries; from += BATCH) {
    const count = Math.min(BATCH, entries - from)
    const rows = client.query(copyFrom('COPY audit_logs FROM STDIN'))
    const isDone = once(rows, 'finish')
    const nonces = randomBytes(16 * count)
    const leaves = []
    let text = ''
    for (let n = 0; n < count; n++) {
      const seq = from + n
      const time = timeOf(seq)
      const nonce = nonces.subarray(n * 16, n * 16 + 16)
      const entry = {
        .../** @type {Draft} */ (drafts[seq % drafts.length]),
        seq,
        id: newId(time),
        createdAt: new Date(time),
      }
      const leaf = leafHash({ ...entry, nonce })
      leaves.push(leaf)
      text += line(entry, nonce, leaf)
      if (text.length > 1_000_000) {
        if (!rows.write(text)) await once(rows, 'drain')
        text = ''
      }
    }
    rows.end(text)
    for (const tile of edge.append(leaves)) tiles.set(`${tile.level}/${tile.index}`, tile)
    await isDone
    await saveTiles(client, [...tiles.values()])
    tiles = new Map()
    if (from % (BATCH * 10) === 0)
      progress(`  ${from.toLocaleString('en')} entries, ${Math.round((performance.now() - start) / 1000)} s`)
  }
  const checkpoint = signer.sign(formatCheckpoint({ origin: signer.verifier.name, size: edge.size, root: edge.root() }))
  await client.query('UPDATE audit_head SET size = $1, last_created_at = $2::timestamp, checkpoint = $3', [
    edge.size,
    new Date(timeOf(entries - 1)).toISOString(),
    checkpoint,
  ])
  // As autovacuum would have it after a year.
  await client.query('VACUUM (ANALYZE) audit_logs')
  await client.query('VACUUM (ANALYZE) audit_tiles')
  await client.query('CHECKPOINT')
  const rate = (entries / (performance.now() - start)) * 1000
  await vacuumed(client)
  await client.end()
  return rate
}

/**
 * Waits until nothing is vacuumed any more because of what was filled in, for at most four minutes: the server looks once
 * a minute.
 * @param {import('pg').Client} client
 */
async function vacuumed(client) {
  for (let quiet = 0, looks = 0; quiet < 65 && looks < 240; looks++) {
    const { rows } = await client.query("SELECT 1 FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'")
    quiet = rows.length === 0 ? quiet + 1 : 0
    await sleep(1000)
  }
}

/** @param {number} count @returns {Promise<Draft[]>} */
async function differentDrafts(count) {
  const { AuditEvents } = await load('audit/write/audit-logger.js')
  const { draft } = await load('audit/entry/draft.js')
  const { EVENT_TYPES } = await load('audit/entry/event-types.js')
  /** @type {Draft[]} */
  const drafts = []
  const events = new AuditEvents({
    keep: async (/** @type {() => any} */ make) => void drafts.push(draft(make(), EVENT_TYPES, Date.now())),
  })
  for (let n = 0; n < count; n++) await logEvent(events, n)
  return drafts
}

/** An entry as COPY reads it. @param {Draft} entry @param {Buffer} nonce @param {Buffer} leaf */
function line(entry, nonce, leaf) {
  const { seq, id, createdAt, source, category, action, description, userId, account, actorName, userRole } = entry
  const { resourceType, resourceId, subjectId, channelId, requestId, ipAddress, userAgent, metadata } = entry
  const columns = [seq, id, createdAt.toISOString().slice(0, -1), source, category, action, description, userId]
  columns.push(account, actorName, userRole, resourceType, resourceId, subjectId, channelId, requestId)
  columns.push(ipAddress, userAgent)
  return `${[...columns, metadata].map(cell).join('\t')}\t\\\\x${nonce.toString('hex')}\t\\\\x${leaf.toString('hex')}\n`
}

const SPECIAL = /[\\\t\n\r]/g
/** @type {Record<string, string>} */
const ESCAPED = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/** @param {string | number | null} value */
const cell = (value) => (value === null ? '\\N' : String(value).replace(SPECIAL, (found) => ESCAPED[found] ?? found))

/** @param {import('pg').Client} client @param {import('../../dist/audit/tree/tiles.js').Tile[]} tiles */
function saveTiles(client, tiles) {
  return client.query(
    `INSERT INTO audit_tiles (level, idx, hashes) SELECT * FROM unnest($1::integer[], $2::integer[], $3::bytea[])
     ON CONFLICT (level, idx) DO UPDATE SET hashes = excluded.hashes`,
    [tiles.map(({ level }) => level), tiles.map(({ index }) => index), tiles.map(({ hashes }) => Buffer.from(hashes))],
  )
}
