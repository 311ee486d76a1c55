import { expect, test } from 'vitest'
import { temporaryFolder } from '../support/chatwarden.ts'
import { copyDatabase, dropDatabases, openRaw, testDatabase, withoutTriggers } from '../support/database.ts'

test('raw', () => {
  const folder = temporaryFolder()
  const t0 = performance.now()
  const { path, url } = testDatabase(folder)
  console.log(url, path, performance.now() - t0)
  const db = openRaw(path)
  db.exec(
    `CREATE TABLE users (id TEXT PRIMARY KEY, ok boolean NOT NULL, at timestamp(3) NOT NULL, b bytea, j text, n int, big bigint)`,
  )
  db.exec('CREATE TABLE parent (id INTEGER PRIMARY KEY)')
  db.prepare('INSERT INTO users VALUES (?, 1, ?, ?, ?, ?, ?)').run(
    "a'?b",
    1781524800123,
    Buffer.from([0, 255]),
    '{"a":5,"b":{"c":"x"}}',
    7,
    2n ** 40n,
  )
  db.prepare(`INSERT INTO users VALUES ('z', false, 0, X'00ff', '{}', NULL, 1)`).run()
  db.prepare(`INSERT INTO users VALUES ('y', true, ?, zeroblob(2), '{}', NULL, 9e12)`).run(new Date(5).toISOString())
  expect(db.prepare('SELECT * FROM users ORDER BY at DESC').all()).toEqual([
    { id: "a'?b", ok: 1, at: 1781524800123, b: Buffer.from([0, 255]), j: '{"a":5,"b":{"c":"x"}}', n: 7, big: 2 ** 40 },
    { id: 'y', ok: 1, at: 5, b: Buffer.from([0, 0]), j: '{}', n: null, big: 9e12 },
    { id: 'z', ok: 0, at: 0, b: Buffer.from([0, 255]), j: '{}', n: null, big: 1 },
  ])
  expect(db.prepare('SELECT id FROM users WHERE at < ? AND at >= 0').pluck().all(5)).toEqual(['z'])
  expect(db.prepare('SELECT at - ? AS left FROM users WHERE at = 5').get(3)).toEqual({ left: 2 })
  expect(
    db
      .prepare(`SELECT j ->> '$.b.c' || ':' || (j ->> '$.a') AS x, json_extract(j, '$.a') FROM users WHERE n = 7`)
      .raw()
      .get(),
  ).toEqual(['x:5', '5'])
  db.exec('UPDATE users SET at = at + 1')
  db.exec(`UPDATE users SET j = char(10) || 'x'`)
  expect(db.prepare('SELECT max(at) FROM users').pluck().get()).toBe(1781524800124)
  expect(
    db
      .prepare(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY 1",
      )
      .pluck()
      .all(),
  ).toEqual(['parent', 'users'])
  db.exec("CREATE TRIGGER refuse BEFORE INSERT ON users WHEN NEW.n > 5 BEGIN SELECT RAISE(ABORT, 'disk full'); END")
  expect(() => db.exec(`INSERT INTO users SELECT 'q', ok, at, b, j, 6, big FROM users LIMIT 1`)).toThrow('disk full')
  withoutTriggers(db, () => db.exec(`INSERT INTO users SELECT 'q', ok, at, b, j, 6, big FROM users LIMIT 1`))
  db.exec('DROP TRIGGER refuse')
  expect(() => db.exec('DROP TRIGGER refuse')).toThrow('no such')
  db.exec('DROP TRIGGER IF EXISTS refuse')
  db.exec('CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)')
  db.exec('CREATE TRIGGER orphan AFTER INSERT ON users BEGIN INSERT INTO child VALUES (1); END')
  expect(() => db.exec(`INSERT INTO users SELECT 'w', ok, at, b, j, 6, big FROM users LIMIT 1`)).toThrow('foreign key')
  expect(() => db.exec(`INSERT INTO users SELECT 'w', ok, j, b, j, 6, big FROM users LIMIT 1`)).toThrow('type')
  db.close()
  const t1 = performance.now()
  const copy = copyDatabase(path, folder, 'early')
  console.log('copy', performance.now() - t1)
  const other = openRaw(copy.path)
  expect(other.prepare('SELECT count(*) AS n FROM users').get()).toEqual({ n: 4 })
  other.exec('BEGIN')
  other.close()
  let t = performance.now()
  for (let i = 0; i < 100; i++) {
    const d = openRaw(copy.path)
    d.prepare('SELECT 1').get()
    d.close()
  }
  console.log('open+select+close', (performance.now() - t) / 100)
  t = performance.now()
  for (let i = 0; i < 20; i++) testDatabase(folder, `n${i}`)
  console.log('create', (performance.now() - t) / 20)
  dropDatabases(folder)
  t = performance.now()
  testDatabase(folder)
  console.log('create after drops', performance.now() - t)
})
