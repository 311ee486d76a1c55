// Runs statements on PostgreSQL for a thread that waits for each answer, and makes and drops databases for it.
import { readFileSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import pg from 'pg'

const { port, signal, url, template } = workerData

const number = (text) => Number(text)
const time = (text) => (/infinity/.test(text) ? Number(text.replace('infinity', 'Infinity')) : Date.parse(`${text}Z`))
/** Values as better-sqlite3 gives them. */
const PARSERS = new Map([
  [16, (text) => Number(text === 't')],
  [17, (text) => Buffer.from(text.slice(2), 'hex')],
  [20, number],
  [21, number],
  [23, number],
  [700, number],
  [701, number],
  [1700, number],
  [1114, time],
])
const types = { getTypeParser: (oid) => PARSERS.get(oid) ?? ((text) => text) }

// SQLite takes a number for a time, and for a truth. The casts are gone before anybody else could see them.
const CASTS = `${['integer', 'bigint', 'numeric']
  .map((from) => `CREATE CAST (${from} AS timestamp) WITH FUNCTION sqlite_words.at(${from}) AS ASSIGNMENT;`)
  .join('')} UPDATE pg_cast SET castcontext = 'a' WHERE castcontext = 'e' AND castsource = 'integer'::regtype
  AND casttarget IN ('boolean'::regtype, 'bytea'::regtype);`
const NO_CASTS = `${['integer', 'bigint', 'numeric'].map((from) => `DROP CAST (${from} AS timestamp);`).join('')}
  UPDATE pg_cast SET castcontext = 'e' WHERE castsource = 'integer'::regtype
  AND casttarget IN ('boolean'::regtype, 'bytea'::regtype);`
const WRONG_TYPE = '42804'

/** Connections by their number, and those that nobody uses by their URL. */
const open = new Map()
const idle = new Map()
let last = 0

async function connect(to) {
  const client = new pg.Client({ connectionString: to, application_name: 'behind the back' })
  // It is dropped with its database, and by a server that stops.
  client.on('error', () => {})
  await client.connect()
  return client
}

async function prepared(to) {
  const client = await connect(to)
  try {
    const { rows } = await client.query("SELECT to_regnamespace('sqlite_words') AS schema")
    if (rows[0].schema === null) await client.query(readFileSync(new URL('sqlite-words.sql', import.meta.url), 'utf8'))
    return client
  } catch (error) {
    await client.end()
    throw error
  }
}

const admin = connect(url)
/** Dropping takes its time beside what is waited for. */
let dropping = connect(url)
// Who asks something of them is told.
for (const connecting of [admin, dropping]) connecting.catch(() => {})

/** Nobody may be on a database that is copied. */
async function leave(name) {
  for (const [to, clients] of idle)
    if (new URL(to).pathname === `/${name}`) {
      idle.delete(to)
      for (const client of clients) await client.end()
    }
}

const actions = {
  async open({ to, timeout }) {
    const client = idle.get(to)?.pop() ?? (await prepared(to))
    await client.query(
      `SET search_path = public, sqlite_words; SET lock_timeout = ${timeout}; SET statement_timeout = '30s'`,
    )
    open.set(++last, { client, to })
    return last
  },
  async close({ connection }) {
    const { client, to } = open.get(connection)
    open.delete(connection)
    await client.query('ROLLBACK; DISCARD ALL').catch(() => {})
    await client.query('DISCARD ALL').catch(() => {})
    idle.set(to, [...(idle.get(to) ?? []), client])
  },
  async run({ connection, sql }) {
    const { client } = open.get(connection)
    const query = (text) => client.query({ text, rowMode: 'array', types })
    const result = await query(sql).catch(async (error) => {
      if (error.code !== WRONG_TYPE) throw error
      await query(`BEGIN; ${CASTS}`)
      try {
        const done = await query(sql)
        await query(`${NO_CASTS} COMMIT`)
        return done
      } catch (again) {
        await query('ROLLBACK')
        throw again.code === WRONG_TYPE ? error : again
      }
    })
    const { fields = [], rows = [], rowCount } = Array.isArray(result) ? result.at(-1) : result
    return { names: fields.map(({ name }) => name), rows, changes: rowCount ?? 0 }
  },
  async create({ name, from = template }) {
    if (from !== template) {
      await leave(from)
      await (await admin).query(
        `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '${from}' AND pid <> pg_backend_pid()`,
      )
    }
    await (await admin).query(`CREATE DATABASE "${name}" TEMPLATE "${from}"`)
  },
  async drop({ name }) {
    await leave(name)
    dropping = dropping.then(async (client) => {
      await client.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`).catch(() => {})
      return client
    })
    await dropping
  },
}

port.on('message', async ({ action, question, ...request }) => {
  let answer
  try {
    answer = { question, value: await actions[action](request) }
  } catch ({ message, code, stack }) {
    answer = { question, error: { message, code, stack } }
  }
  if (question === undefined) return
  port.postMessage(answer)
  Atomics.add(signal, 0, 1)
  Atomics.notify(signal, 0)
})
