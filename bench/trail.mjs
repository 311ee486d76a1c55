// @ts-check
import { hash, randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import canonicalize from 'canonicalize'
import { logEvent } from './events.mjs'
import { compiled, median, percentile, progress, time } from './measure.mjs'

/** @typedef {import('../dist/index.js').Chatwarden} Chatwarden */
/** @typedef {import('./measure.mjs').Figure} Figure */

/**
 * What the tree costs, and what checking it costs.
 * @param {Chatwarden} chatwarden
 * @param {string} path
 * @returns {Promise<Figure[]>}
 */
export async function measureTrail(chatwarden, path) {
  return [
    ...(await measureCommit(path)),
    ...(await measureVerify(path)),
    ...(await measureProofs(path)),
    ...measureBytes(path),
    ...(await measureRetention(chatwarden)),
  ]
}

/** @param {string} file */
const load = (file) => import(compiled(file).href)

/** @param {string} path */
async function signingKey(path) {
  const { SigningKey } = await load('audit/write/signing-key.js')
  return new SigningKey({ databaseUrl: `file:${path}`, signingKey: undefined, origin: undefined })
}

/**
 * One awaited event on a new trail, beside the same statements through Prisma with bytes of the same length that nobody
 * has hashed or signed.
 * @param {string} path
 * @returns {Promise<Figure[]>}
 */
async function measureCommit(path) {
  progress('One event: with the tree, and the same statements without')
  const { openChatwarden } = await load('index.js')
  const { openDatabase } = await load('storage/database.js')
  const trail = await load('audit/write/trail.repository.js')
  const [ours, plain] = [`${path}.one`, `${path}.plain`]
  const env = { DATABASE_URL: `file:${ours}`, OWNER_PHONE_NUMBERS: '+15550001111', RATE_LIMIT_USER: '0' }
  const chatwarden = await openChatwarden({ env, jobs: false })
  const database = await openDatabase(`file:${plain}`)
  const [example] = await chatwarden.AuditLogRepository.getRecent(1)
  const checkpoint = 'x'.repeat(220)
  let seq = 0
  const statements = () =>
    database.transaction(async (/** @type {any} */ tx) => {
      await trail.readHead(tx)
      const entry = { ...example, seq, id: `0${seq}`, createdAt: new Date() }
      await trail.insertEntries(tx, [entry], randomBytes(16), [Buffer.alloc(32)])
      const width = (seq % 256) + 1
      await trail.saveTiles(tx, [{ level: 0, index: Math.floor(seq / 256), hashes: Buffer.alloc(32 * width) }])
      seq++
      await trail.saveHead(tx, { size: seq, lastCreatedAt: new Date(), checkpoint })
    })
  /** @type {number[]} */
  const [logged, bare] = [[], []]
  for (let n = 0; n < 1500; n++) {
    const a = await time(() => logEvent(chatwarden.AuditLogger, 11))
    const b = await time(statements)
    if (n >= 200) {
      logged.push(a)
      bare.push(b)
    }
  }
  await chatwarden.close()
  await database.close()
  for (const file of [ours, plain])
    for (const end of ['', '-wal', '-shm', '.signing-key']) rmSync(`${file}${end}`, { force: true })
  const [value, limit] = [percentile(logged, 0.95), percentile(bare, 0.95)]
  const against = 'same statements, nothing hashed or signed'
  return [
    { name: 'one awaited event, p50', value: median(logged), unit: 'ms', against, limit: median(bare) },
    {
      name: 'one awaited event, p95',
      value,
      unit: 'ms',
      against,
      limit,
      aim: { text: '≤ 1.5', met: value / limit <= 1.5 },
    },
  ]
}

/** @param {string} path @returns {Promise<Figure[]>} */
async function measureVerify(path) {
  progress('Verifying')
  const { verify } = await load('audit/verify/verify.js')
  const { openSnapshot } = await load('storage/snapshot.js')
  const { replaysOf } = await load('app/replays.js')
  const keys = [(await signingKey(path)).current().verifier]
  const [ours, raw] = [[], []].map(() => /** @type {number[]} */ ([]))
  for (let round = 0; round < 2; round++) {
    raw.push(rawRate(path))
    const snapshot = await openSnapshot(`file:${path}`)
    /** @type {any} */
    let verification
    const spent = await time(async () => {
      verification = await verify(snapshot, { keys, replays: replaysOf(), now: new Date() })
    })
    await snapshot.close()
    if (verification.findings.length > 0)
      throw new Error(`Findings: ${JSON.stringify(verification.findings.slice(0, 3))}`)
    ours.push((verification.present / spent) * 1000)
  }
  const [value, limit] = [median(ours), median(raw)]
  const against = 'raw iteration + canonical JSON + SHA-256'
  return [{ name: 'verify', value, unit: '/s', against, limit, aim: { text: '≥ 0.4', met: value / limit >= 0.4 } }]
}

/** Entries a second that are read, made canonical JSON by the library, and hashed. @param {string} path */
function rawRate(path) {
  const database = new Database(path, { readonly: true })
  const columns = `account, action, actor_name, category, channel_id, created_at, description, id, ip_address, metadata,
    hex(nonce) AS nonce, request_id, resource_id, resource_type, source, subject_id, user_agent, user_id, user_role, 1 AS v`
  const start = performance.now()
  let count = 0
  for (const row of database.prepare(`SELECT ${columns} FROM audit_logs ORDER BY seq`).iterate()) {
    hash('sha256', `\0${canonicalize(row)}`, 'hex')
    count++
  }
  const rate = (count / (performance.now() - start)) * 1000
  database.close()
  return rate
}

/** @param {string} path @returns {Promise<Figure[]>} */
async function measureProofs(path) {
  progress('Proving entries')
  const { Evidence } = await load('audit/verify/evidence.js')
  const { openDatabase } = await load('storage/database.js')
  const database = await openDatabase(`file:${path}`)
  const key = await signingKey(path)
  const evidence = new Evidence({
    reader: database.reader,
    key,
    clock: { now: Date.now },
    openSnapshot: () => {},
    replays: () => [],
  })
  const { size } = await evidence.checkpoint()
  /** @type {number[]} */
  const spent = []
  for (let n = 0; n < 600; n++) {
    const seq = Math.floor(Math.random() * size)
    const each = await time(() => evidence.proofOf({ seq }))
    if (n >= 100) spent.push(each)
  }
  await database.close()
  const value = percentile(spent, 0.95)
  return [
    { name: 'proof of an entry, p50', value: median(spent), unit: 'ms' },
    { name: 'proof of an entry, p95', value, unit: 'ms', aim: { text: '≤ 5 ms', met: value <= 5 } },
  ]
}

/** @param {string} path @returns {Figure[]} */
function measureBytes(path) {
  progress('Counting bytes')
  const database = new Database(path)
  try {
    const size = database
      .prepare(
        'SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_master WHERE tbl_name IN (SELECT value FROM json_each(?)))',
      )
      .pluck()
    const bytes = (/** @type {string[]} */ ...tables) => Number(size.get(JSON.stringify(tables)))
    const entries = Number(database.prepare('SELECT count(*) FROM audit_logs').pluck().get())
    const columns = /** @type {string[]} */ (
      database
        .prepare("SELECT name FROM pragma_table_info('audit_logs') WHERE name NOT IN ('nonce', 'leaf_hash')")
        .pluck()
        .all()
    ).join(', ')
    database.exec(`CREATE TABLE bench_plain AS SELECT ${columns} FROM audit_logs WHERE false; DROP TABLE bench_plain`)
    const sql = /** @type {string} */ (
      database.prepare("SELECT sql FROM sqlite_master WHERE name = 'audit_logs'").pluck().get()
    )
    database.exec(
      sql
        .replace('"audit_logs"', '"bench_plain"')
        .replace(/,\s*"nonce" BLOB NOT NULL,\s*"leaf_hash" BLOB NOT NULL/, ''),
    )
    for (const index of /** @type {string[]} */ (
      database
        .prepare("SELECT sql FROM sqlite_master WHERE tbl_name = 'audit_logs' AND type = 'index' AND sql IS NOT NULL")
        .pluck()
        .all()
    ))
      database.exec(index.replace('"audit_logs_', '"bench_plain_').replace('ON "audit_logs"', 'ON "bench_plain"'))
    database.exec(`INSERT INTO bench_plain (${columns}) SELECT ${columns} FROM audit_logs ORDER BY seq`)
    const value = bytes('audit_logs', 'audit_tiles', 'audit_head') / entries
    const limit = bytes('bench_plain') / entries
    database.exec('DROP TABLE bench_plain')
    return [{ name: 'database bytes per entry', value, unit: 'B', against: 'the same table without tree', limit }]
  } finally {
    database.close()
  }
}

/** Half of the trail goes while events are logged one after another. @param {Chatwarden} chatwarden @returns {Promise<Figure[]>} */
async function measureRetention({ AuditLogger, AuditLogRepository }) {
  progress('Retention of half the trail while logging')
  let isDone = false
  /** @type {number[]} */
  const stalls = []
  const logging = (async () => {
    for (let n = 20_000_011; !isDone; n += 20) stalls.push(await time(() => logEvent(AuditLogger, n)))
  })()
  let removed = 0
  const spent = await time(async () => {
    removed = await AuditLogRepository.deleteExpired(30)
  })
  isDone = true
  await logging
  const value = percentile(stalls, 0.99)
  return [
    { name: `retention, ${removed.toLocaleString('en')} entries`, value: (removed / spent) * 1000, unit: '/s' },
    { name: '  one awaited event meanwhile, p50', value: median(stalls), unit: 'ms' },
    { name: '  one awaited event meanwhile, p99', value, unit: 'ms', aim: { text: '≤ 50 ms', met: value <= 50 } },
  ]
}
