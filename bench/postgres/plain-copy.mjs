// @ts-check
import { once } from 'node:events'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { time } from '../measure.mjs'
import { connect } from './connect.mjs'

const TABLE = 'bench_plain'

/**
 * A table as the trail's, with the same months and indexes and the entries of the current month: nothing else is
 * touched by what is new.
 * @param {string} url
 */
export async function plainCopy(url) {
  const client = await connect(url)
  await client.query(`CREATE TABLE ${TABLE} (LIKE audit_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)
    PARTITION BY RANGE (created_at)`)
  const months =
    await client.query(`SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bound, c.reloptions AS options
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'audit_logs'::regclass`)
  for (const { name, bound, options } of months.rows)
    await client.query(
      `CREATE TABLE ${rename(name)} PARTITION OF ${TABLE} ${bound}${options === null ? '' : ` WITH (${options.join(', ')})`}`,
    )
  const indexes = await client.query(
    "SELECT pg_get_indexdef(indexrelid) AS sql FROM pg_index WHERE indrelid = 'audit_logs'::regclass",
  )
  for (const { sql } of indexes.rows) await client.query(rename(sql).replace(/ ON ONLY /, ' ON '))
  await client.query(`INSERT INTO ${TABLE} SELECT * FROM audit_logs
    WHERE created_at >= date_trunc('month', now() AT TIME ZONE 'UTC') ORDER BY seq`)
  await client.query(`VACUUM (ANALYZE) ${TABLE}`)
  const head = async () => Number((await client.query('SELECT size FROM audit_head')).rows[0].size)
  let copied = await head()
  return {
    /** Copies the next `count` of the entries written since. @param {number} count @param {number} batch */
    rate: async (count, batch) => {
      const lines = await linesOf(client, copied, count)
      if (lines.length !== count) throw new Error(`${lines.length} new entries instead of ${count}.`)
      copied = await head()
      const batches = Array.from({ length: count / batch }, (_, i) => lines.slice(i * batch, (i + 1) * batch).join(''))
      const spent = await time(async () => {
        for (const text of batches) {
          const rows = client.query(copyFrom(`COPY ${TABLE} FROM STDIN`))
          rows.end(text)
          await once(rows, 'finish')
        }
      })
      return (count / spent) * 1000
    },
    close: async () => {
      await client.query(`DROP TABLE ${TABLE}`)
      await client.end()
    },
  }
}

/** @param {string} sql */
const rename = (sql) => sql.replaceAll('audit_logs', TABLE)

/** @param {import('pg').Client} client @param {number} from @param {number} count */
async function linesOf(client, from, count) {
  const rows = client.query(
    copyTo(`COPY (SELECT * FROM audit_logs WHERE seq >= ${from} ORDER BY seq LIMIT ${count}) TO STDOUT`),
  )
  let text = ''
  for await (const chunk of rows.setEncoding('utf8')) text += chunk
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => `${line}\n`)
}
