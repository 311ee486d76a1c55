import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { schemaDeviations } from '../../../src/storage/schema/schema.ts'
import { withSnapshot } from '../../../src/storage/snapshot.ts'
import { OWNER, openTestWarden, temporaryFolder, USER } from '../../support/chatwarden.ts'
import {
  copyDatabase,
  onPostgres,
  openAsOwner,
  openRaw,
  type RawDatabase,
  testDatabase,
  urlOf,
  withoutTriggers,
} from '../../support/database.ts'
import { shareRichTrail } from '../../support/rich-trail.ts'
import { indexIn, indicesIn, swapIndex, swapIndexOfRoles } from '../../support/swapped-index.ts'
import { changedCopy, copyOf, findingsIn, verifyFile } from '../../support/tamper.ts'

const shared = shareRichTrail()

const changedBy = (sql: readonly string[]) => changedCopy(shared.trail.path, sql)

/** On SQLite, and on PostgreSQL. */
type Attack = [what: string, about: string, sqlite: string[] | undefined, postgres: string[] | undefined]

const onTrigger = (body: string) => [
  `CREATE FUNCTION evil() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN ${body} RETURN NEW; END$$`,
]
const both = (sql: string): [string[], string[]] => [[sql], [sql]]
/** A role of the server, for one test. */
const SOMEBODY = `somebody_${randomBytes(6).toString('hex')}`
const NOT_OURS = 'is not of Chatwarden'
const PROMOTE = `UPDATE users SET role = 'OWNER'`

const ATTACKS: Attack[] = [
  [
    'a trigger that makes an OWNER later',
    `trigger promote on processed_messages ${NOT_OURS}`,
    [`CREATE TRIGGER promote AFTER INSERT ON processed_messages BEGIN ${PROMOTE}; END`],
    [
      ...onTrigger(`${PROMOTE};`),
      'CREATE TRIGGER promote AFTER INSERT ON processed_messages FOR EACH ROW EXECUTE FUNCTION evil()',
    ],
  ],
  [
    'a trigger on a table of somebody else that changes rows of ours',
    `trigger promote on visits ${NOT_OURS}`,
    ['CREATE TABLE visits (id)', `CREATE TRIGGER promote AFTER INSERT ON visits BEGIN ${PROMOTE}; END`],
    undefined,
  ],
  [
    'a trigger of ours that refuses nothing any more',
    'trigger audit_logs_refuse_update on audit_logs is not what this version makes',
    [
      'DROP TRIGGER audit_logs_refuse_update',
      'CREATE TRIGGER "audit_logs_refuse_update" BEFORE UPDATE ON "audit_logs" BEGIN SELECT 1; END',
    ],
    [
      'DROP TRIGGER audit_logs_refuse_update ON audit_logs',
      ...onTrigger(''),
      'CREATE TRIGGER audit_logs_refuse_update BEFORE UPDATE ON audit_logs FOR EACH ROW EXECUTE FUNCTION evil()',
    ],
  ],
  [
    'a table of which another is shown',
    'table blocks is missing',
    ['ALTER TABLE blocks RENAME TO hidden', 'CREATE VIEW blocks AS SELECT * FROM hidden WHERE false'],
    ['ALTER TABLE blocks RENAME TO hidden', 'CREATE VIEW blocks AS SELECT * FROM hidden WHERE false'],
  ],
  ['a table that is gone', 'table refusals is missing', ...both('DROP TABLE refusals')],
  [
    'a column more',
    onPostgres ? `column extra on users ${NOT_OURS}` : 'table users is not what this version makes',
    ...both('ALTER TABLE users ADD COLUMN extra TEXT'),
  ],
  [
    'another type of a column',
    onPostgres ? 'column name on users is not' : 'table users is not',
    [
      'PRAGMA writable_schema = ON',
      `UPDATE sqlite_schema SET sql = replace(sql, '"name" TEXT', '"name" BLOB') WHERE name = 'users'`,
    ],
    ['ALTER TABLE users ALTER COLUMN name TYPE varchar(10)'],
  ],
  [
    'another default of a column',
    onPostgres ? 'column whitelisted on users is not' : 'table users is not',
    [
      'PRAGMA writable_schema = ON',
      `UPDATE sqlite_schema SET sql = replace(sql, 'DEFAULT false', 'DEFAULT true') WHERE name = 'users'`,
    ],
    ['ALTER TABLE users ALTER COLUMN whitelisted SET DEFAULT true'],
  ],
  [
    'a check that is gone',
    onPostgres ? 'constraint users_role_check on users is missing' : 'table users is not',
    [
      'PRAGMA writable_schema = ON',
      `UPDATE sqlite_schema SET sql = replace(sql, 'CHECK', 'CHECK (true) CHECK') WHERE name = 'users'`,
    ],
    ['ALTER TABLE users DROP CONSTRAINT users_role_check'],
  ],
  ['an index that is gone', 'index users_role_idx on users is missing', ...both('DROP INDEX users_role_idx')],
  [
    'an index of other rows than it was',
    'index users_role_idx on users is not what this version makes',
    ['DROP INDEX users_role_idx', `CREATE INDEX "users_role_idx" ON "users"("role") WHERE role <> 'OWNER'`],
    ['DROP INDEX users_role_idx', `CREATE INDEX "users_role_idx" ON "users"("role") WHERE role <> 'OWNER'`],
  ],
  ['an index that refuses rows', `index one on users ${NOT_OURS}`, ...both('CREATE UNIQUE INDEX one ON users(name)')],
  [
    'an index that runs code for each row',
    `index code on users ${NOT_OURS}`,
    ...both('CREATE INDEX code ON users(lower(name))'),
  ],
  [
    'a table whose rows hang on ours',
    `table leaning ${NOT_OURS}`,
    ...both('CREATE TABLE leaning (id TEXT REFERENCES users(id) ON DELETE CASCADE)'),
  ],
  ['rows that are hidden', 'table users is not what', undefined, ['ALTER TABLE users ENABLE ROW LEVEL SECURITY']],
  ['a policy for rows', `policy few on users ${NOT_OURS}`, undefined, ['CREATE POLICY few ON users USING (false)']],
  [
    'a rule',
    `rule quiet on audit_holds ${NOT_OURS}`,
    undefined,
    ['CREATE RULE quiet AS ON DELETE TO audit_holds DO INSTEAD NOTHING'],
  ],
  ['rows of another table', `table more ${NOT_OURS}`, undefined, ['CREATE TABLE more () INHERITS (users)']],
  [
    'rows of a table elsewhere',
    `table elsewhere.more ${NOT_OURS}`,
    undefined,
    ['CREATE SCHEMA elsewhere', 'CREATE TABLE elsewhere.more () INHERITS (users)'],
  ],
  ['a table that a crash empties', 'table audit_holds is not', undefined, ['ALTER TABLE audit_holds SET UNLOGGED']],
  [
    'a function of ours that does something else',
    'function audit_head_grows() is not what',
    undefined,
    [
      "CREATE OR REPLACE FUNCTION audit_head_grows() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN NEW; END'",
    ],
  ],
  [
    'a function of ours for others than the owner',
    'function audit_refuse() is not what',
    undefined,
    [`CREATE ROLE ${SOMEBODY}`, `ALTER FUNCTION audit_refuse() OWNER TO ${SOMEBODY}`],
  ],
  [
    'another function of the name of one of ours',
    `function audit_remove(bigint[]) ${NOT_OURS}`,
    undefined,
    ["CREATE FUNCTION audit_remove(bigint[]) RETURNS bigint LANGUAGE sql AS 'SELECT 0::bigint'"],
  ],
  [
    "a function in the place of one of the server's",
    `function lower(character varying) ${NOT_OURS}`,
    undefined,
    ["CREATE FUNCTION lower(varchar) RETURNS text LANGUAGE sql AS 'SELECT $1::text'"],
  ],
  [
    'a function with the rights of who made it',
    `function raise_me() ${NOT_OURS}`,
    undefined,
    [`CREATE FUNCTION raise_me() RETURNS void LANGUAGE sql SECURITY DEFINER AS $$${PROMOTE}$$`],
  ],
  [
    'an operator',
    NOT_OURS,
    undefined,
    [
      "CREATE FUNCTION same(text, varchar) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
      'CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = varchar, FUNCTION = same)',
    ],
  ],
  ['a cast', 'cast text as json', undefined, ['CREATE CAST (text AS json) WITH INOUT AS IMPLICIT']],
  [
    'a trigger on what is made',
    `event trigger watch ${NOT_OURS}`,
    undefined,
    [
      "CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
      'CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION watch()',
    ],
  ],
  [
    'a right of everybody to change rows',
    'right of PUBLIC to change users',
    undefined,
    ['GRANT UPDATE ON users TO PUBLIC'],
  ],
  [
    'a right to change one column',
    'right of PUBLIC to change users',
    undefined,
    ['GRANT UPDATE (role) ON users TO PUBLIC'],
  ],
  [
    'a right to remove entries',
    'right of PUBLIC to change audit_remove()',
    undefined,
    ['GRANT EXECUTE ON FUNCTION audit_remove TO PUBLIC'],
  ],
  [
    'a right to change a view of ours',
    'right of PUBLIC to change by public.mine',
    undefined,
    ['CREATE VIEW mine AS SELECT * FROM users', 'GRANT UPDATE ON mine TO PUBLIC'],
  ],
  [
    'a table of ours that is said to be of an extension, and is in no dump',
    'table audit_holds is not what',
    undefined,
    ['CREATE EXTENSION pgcrypto', 'ALTER EXTENSION pgcrypto ADD TABLE audit_holds'],
  ],
  [
    'a setting by which no trigger runs, for who connects later',
    'setting session_replication_role = replica',
    undefined,
    [
      "DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET session_replication_role = replica', current_database()); END$$",
    ],
  ],
  [
    'rights of somebody who is not the bot',
    'to change users',
    undefined,
    [`CREATE ROLE ${SOMEBODY}`, `GRANT INSERT, UPDATE, DELETE ON users TO ${SOMEBODY}`],
  ],
  [
    'a right to a table with a rule',
    'right of PUBLIC to change by public.box',
    undefined,
    [
      'CREATE TABLE box (a integer)',
      "CREATE RULE pass AS ON INSERT TO box DO ALSO UPDATE users SET role = 'OWNER'",
      'GRANT INSERT ON box TO PUBLIC',
    ],
  ],
  [
    'a trigger that is said to be of the server',
    `trigger promote on users ${NOT_OURS}`,
    undefined,
    [
      ...onTrigger(`${PROMOTE};`),
      'CREATE TRIGGER promote AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION evil()',
      "UPDATE pg_trigger SET tgisinternal = true WHERE tgname = 'promote'",
    ],
  ],
  [
    'triggers that are not looked for',
    'trigger audit_head_refuse_delete on audit_head is not what',
    undefined,
    ["UPDATE pg_class SET relhastriggers = false WHERE relname = 'audit_head'"],
  ],
  [
    'an index that is not looked for',
    'index users_role_idx on users is not what',
    undefined,
    ["UPDATE pg_class SET relhasindex = false WHERE relname = 'users'"],
  ],
  [
    'a schema of somebody else',
    'owner of the schema public: ',
    undefined,
    [`CREATE ROLE ${SOMEBODY}`, `ALTER SCHEMA public OWNER TO ${SOMEBODY}`],
  ],
  [
    'a function elsewhere with the rights of the owner',
    `function elsewhere.raise_me() ${NOT_OURS}`,
    undefined,
    [
      'CREATE SCHEMA elsewhere',
      `CREATE FUNCTION elsewhere.raise_me() RETURNS void LANGUAGE sql SECURITY DEFINER AS $$UPDATE public.users SET role = 'OWNER'$$`,
    ],
  ],
  [
    'a column by which texts are equal that are not',
    'column name on users is not',
    undefined,
    [
      `CREATE COLLATION public."C" (provider = icu, locale = 'und-u-ks-level1', deterministic = false)`,
      'ALTER TABLE users ALTER COLUMN name TYPE text COLLATE public."C"',
    ],
  ],
  [
    'rows of a table that is said to be of an extension',
    `table more ${NOT_OURS}`,
    undefined,
    ['CREATE EXTENSION pgcrypto', 'CREATE TABLE more () INHERITS (users)', 'ALTER EXTENSION pgcrypto ADD TABLE more'],
  ],
  [
    'an index that lies beside one of ours',
    `index beside on users ${NOT_OURS}`,
    undefined,
    ['CREATE INDEX beside ON users(id)'],
  ],
  [
    'an index in another order',
    `index backwards on users ${NOT_OURS}`,
    undefined,
    ['CREATE INDEX backwards ON users(name DESC)'],
  ],
  [
    'an index of another kind',
    `index hashed on users ${NOT_OURS}`,
    undefined,
    ['CREATE INDEX hashed ON users USING hash (name)'],
  ],
  [
    'another owner of a table',
    'table users is not what',
    undefined,
    [`CREATE ROLE ${SOMEBODY}`, `ALTER TABLE users OWNER TO ${SOMEBODY}`],
  ],
]

/** What SQLite goes by is the text of a row, whatever stands beside it. */
const kept = (sql: string): string[] => ['PRAGMA writable_schema = ON', sql, 'PRAGMA writable_schema = RESET']
const ODD = 'sqlite_schema has a row that SQLite does not write'

const ONLY_SQLITE: [what: string, about: string, sql: string[]][] = [
  [
    'a view in the place of what a check would ask',
    `view pragma_database_list ${NOT_OURS}`,
    ["CREATE VIEW pragma_database_list AS SELECT 0 AS seq, 'main' AS name, '/elsewhere' AS file"],
  ],
  ['a view in the place of json_each', `view json_each ${NOT_OURS}`, ['CREATE VIEW json_each AS SELECT 1 AS value']],
  [
    'a virtual table in the place of json_each',
    `table JSON_Each ${NOT_OURS}`,
    ['CREATE VIRTUAL TABLE JSON_Each USING fts5(value)'],
  ],
  [
    'an index that refuses rows, said to be of no table of ours',
    `index one on audit_logs ${NOT_OURS}`,
    [
      'CREATE UNIQUE INDEX one ON audit_logs(nonce)',
      ...kept("UPDATE sqlite_schema SET tbl_name = 'AUDIT_LOGS' WHERE name = 'one'"),
    ],
  ],
  [
    'an index that refuses rows, kept under another name',
    `index one on users ${NOT_OURS}`,
    ['CREATE UNIQUE INDEX one ON users(name)', ...kept("UPDATE sqlite_schema SET name = 'ONE' WHERE name = 'one'")],
  ],
  [
    'an index that compares by what not every SQLite has',
    `index foreign_order on users ${NOT_OURS}`,
    [
      'CREATE INDEX foreign_order ON users(name)',
      ...kept("UPDATE sqlite_schema SET sql = replace(sql, '(name)', '(name COLLATE x)') WHERE name = 'foreign_order'"),
    ],
  ],
  [
    'a table whose rows hang on ours, called like one that ANALYZE keeps',
    `table sqlite_stat3 ${NOT_OURS}`,
    [
      'CREATE TABLE leaning (id TEXT REFERENCES users(id))',
      ...kept(
        "UPDATE sqlite_schema SET name = 'sqlite_stat3', tbl_name = 'sqlite_stat3', sql = replace(sql, 'leaning', 'sqlite_stat3') WHERE name = 'leaning'",
      ),
    ],
  ],
  [
    'a row of another type than text',
    ODD,
    [
      'CREATE VIEW report AS SELECT 1 AS one',
      ...kept("UPDATE sqlite_schema SET name = CAST(name AS BLOB) WHERE name = 'report'"),
    ],
  ],
  [
    'a trigger of the name of one of ours, elsewhere',
    `trigger AUDIT_LOGS_REFUSE_UPDATE on notes ${NOT_OURS}`,
    [
      'DROP TRIGGER audit_logs_refuse_update',
      'CREATE TABLE notes (id)',
      'CREATE TRIGGER AUDIT_LOGS_REFUSE_UPDATE BEFORE UPDATE ON notes BEGIN SELECT 1; END',
    ],
  ],
]

const MIGRATIONS = 'the migrations that it says it has are not those of this version'
/** Where even a start says so in other words: it would apply them again. */
const FORGOTTEN: [what: string, sql: string[]][] = [
  ['none', ['DELETE FROM _prisma_migrations']],
  ['one that was rolled back', ["UPDATE _prisma_migrations SET rolled_back_at = '2026-01-01'"]],
  ['one of another text', ["UPDATE _prisma_migrations SET checksum = 'x'"]],
  ['one of a newer version', ["UPDATE _prisma_migrations SET migration_name = '29991231000000_later'"]],
]

const attacks = [
  ...ATTACKS.flatMap(([what, about, sqlite, postgres]) => {
    const sql = onPostgres ? postgres : sqlite
    return sql === undefined ? [] : [[what, about, sql] as const]
  }),
  ...(onPostgres ? [] : ONLY_SQLITE),
]

describe('what could change, hide or let go rows is found, and no bot starts on it:', () => {
  test.each(attacks)('%s', async (_what, about, sql) => {
    const { folder, path } = changedBy(sql)
    try {
      expect((await withSnapshot(urlOf(path), schemaDeviations)).refused).toContainEqual(expect.stringContaining(about))
      expect(await findingsIn(path, shared.trail.how)).toContainEqual({
        kind: 'altered schema',
        about: expect.stringContaining(about),
      })
      await expect(openTestWarden({}, folder)).rejects.toMatchObject({
        code: 'SCHEMA_ALTERED',
        message: expect.stringContaining(about),
      })
    } finally {
      if (onPostgres) cleanRoles(path)
    }
  })

  if (onPostgres)
    test('and nothing of it runs with the rights of whoever looks', async () => {
      const { path } = changedBy([
        'CREATE TABLE ran (one integer)',
        `CREATE FUNCTION run() RETURNS boolean LANGUAGE plpgsql AS $$BEGIN PERFORM nextval('public.runs'); RETURN true; END$$`,
        'CREATE SEQUENCE runs',
        'CREATE FUNCTION steady(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$BEGIN PERFORM public.run(); RETURN true; END$$',
        'CREATE INDEX runs_idx ON accounts(proof) WHERE public.steady(proof)',
        'ALTER TABLE audit_holds RENAME TO hidden',
        'CREATE VIEW audit_holds AS SELECT * FROM hidden WHERE public.run()',
        "SELECT setval('runs', 1)",
      ])
      expect(await findingsIn(path, shared.trail.how)).toContainEqual({
        kind: 'altered schema',
        about: expect.stringContaining('were not read'),
      })
      const database = openRaw(path)
      expect(database.prepare('SELECT last_value FROM runs').pluck().get()).toBe(1)
      database.close()
    })

  test.each(FORGOTTEN)('migrations that the database says it has: %s', async (_what, sql) => {
    const { folder, path } = changedBy(sql)
    expect(await findingsIn(path, shared.trail.how)).toContainEqual({ kind: 'altered schema', about: MIGRATIONS })
    await expect(openTestWarden({}, folder)).rejects.toMatchObject({ code: 'MIGRATION_FAILED' })
  })
})

/** Roles are of the server, and outlive a database. */
function cleanRoles(path: string): void {
  const database = openRaw(path)
  try {
    for (const role of [SOMEBODY])
      if (database.prepare(`SELECT 1 FROM pg_roles WHERE rolname = '${role}'`).get() !== undefined) {
        database.exec(`REASSIGN OWNED BY ${role} TO postgres`)
        database.exec(`DROP OWNED BY ${role}`)
        database.exec(`DROP ROLE ${role}`)
      }
  } finally {
    database.close()
  }
}

const TOLD: [what: string, sql: string[]][] = [
  ['view report', ['CREATE VIEW report AS SELECT action, count(*) FROM audit_logs GROUP BY 1']],
  ['table notes', ['CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)', 'CREATE INDEX notes_text ON notes(text)']],
  ['index users_name_idx on users', ['CREATE INDEX users_name_idx ON users(name)']],
  ...(onPostgres
    ? ([
        ['right of PUBLIC to read audit_logs', ['GRANT SELECT ON audit_logs TO PUBLIC']],
        ['function hours(integer)', ["CREATE FUNCTION hours(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1'"]],
        ['publication all_of_it', ['CREATE PUBLICATION all_of_it FOR ALL TABLES']],
        ['extension pgcrypto', ['CREATE EXTENSION pgcrypto']],
      ] as [string, string[]][])
    : []),
]

test.each(TOLD)('%s is told once, and let be', async (what, sql) => {
  const { folder, path, change } = changedBy(sql)
  expect(await verifyFile(path, shared.trail.how)).toMatchObject({ findings: [], foreign: [what] })
  const told = async () => {
    const warden = await openTestWarden({}, folder)
    const entries = await warden.AuditLogRepository.findByAction('DATABASE_OBJECTS_FOUND')
    await warden.close()
    return entries.map(({ metadata }) => JSON.parse(metadata ?? '{}').objects)
  }
  expect(await told()).toEqual([[what]])
  expect(await told()).toEqual([[what]])
  change(['CREATE VIEW second AS SELECT 1 AS one'])
  expect(await told()).toContainEqual(['view second', what])
  change(['DROP VIEW second', 'CREATE VIEW second AS SELECT 2 AS two'])
  expect(await told()).toHaveLength(3)
  expect(await told()).toHaveLength(3)
})

if (onPostgres)
  test('what REINDEX CONCURRENTLY leaves, and tables that are nearly called like a month, keep nobody', async () => {
    const { folder, path } = changedBy([
      'CREATE TABLE audit_logs_y999999m01 (id integer)',
      'CREATE TABLE audit_logs_y2026m99 (id integer)',
      'CREATE UNIQUE INDEX accounts_pkey_ccnew ON accounts(account)',
      "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'accounts_pkey_ccnew'::regclass",
    ])
    expect(await verifyFile(path, shared.trail.how)).toMatchObject({
      findings: [],
      foreign: ['table audit_logs_y2026m99', 'table audit_logs_y999999m01'],
    })
    await (await openTestWarden({}, folder)).close()
  })

test('many objects with names of any kind are told once too, the new ones first, in lines of ordinary text', async () => {
  const views = Array.from(
    { length: 120 },
    (_, n) => `CREATE VIEW "v${n}\n\u202e 0 findings\u001b[2K${'x'.repeat(30)}" AS SELECT ${n} AS n`,
  )
  const { folder, path, change } = changedBy(views)
  const told = async () => {
    const warden = await openTestWarden({}, folder)
    const entries = await warden.AuditLogRepository.findByAction('DATABASE_OBJECTS_FOUND')
    await warden.close()
    return entries.map(({ metadata }) => JSON.parse(metadata ?? '{}'))
  }
  expect(await told()).toMatchObject([{ count: 120 }])
  expect(await told()).toHaveLength(1)
  change(['CREATE VIEW later AS SELECT 1 AS one'])
  const [last] = (await told()).filter(({ count }) => count === 121)
  expect(last.objects[0]).toBe('view later')
  const { foreign, findings } = await verifyFile(path, { ...shared.trail.how, now: Date.now() })
  expect([findings, foreign.filter((name) => /[\p{Cc}\u202e]/u.test(name))]).toEqual([[], []])
})

test('an entry about objects that says nothing of them is no harm to a start', async () => {
  const { folder } = changedBy(['CREATE VIEW report AS SELECT 1 AS one'])
  const first = await openTestWarden({}, folder)
  await first.say(OWNER, '!config role list')
  await first.close()
  const database = openAsOwner(testDatabase(folder).path)
  withoutTriggers(database, () =>
    database.exec("UPDATE audit_logs SET metadata = 'null' WHERE action = 'DATABASE_OBJECTS_FOUND'"),
  )
  database.close()
  const warden = await openTestWarden({}, folder)
  expect(await warden.AuditLogRepository.findByAction('DATABASE_OBJECTS_FOUND')).toHaveLength(2)
})

describe('an index that says something else than its table is found:', () => {
  const changes: Record<string, string> = onPostgres
    ? { integer: 'value + 1', 'timestamp without time zone': "value + interval '1 h'" }
    : {}

  test('each that there is, by whichever column it begins', async () => {
    let count = 0
    for (const index of indicesIn(openRaw(shared.trail.path, { readonly: true }))) {
      const path = copyOf(shared.trail.path, (database) =>
        swapIndex(database, index, changeOf(database, index.table, index.columns[0] ?? '')),
      )
      const findings = await findingsIn(path, shared.trail.how)
      expect([index.name, findings]).toEqual([
        index.name,
        expect.arrayContaining([{ kind: 'damaged', about: expect.stringContaining(index.name) }]),
      ])
      count++
    }
    expect(count).toBeGreaterThan(20)
  })

  /** One row of the table says something else. */
  function changeOf(database: RawDatabase, table: string, column: string): string {
    const type = onPostgres
      ? (database
          .prepare(
            `SELECT data_type FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '${table}' AND column_name = '${column}'`,
          )
          .pluck()
          .get() as string)
      : (database.prepare(`SELECT typeof("${column}") FROM "${table}"`).pluck().get() as string)
    const changed = changes[type] ?? (type === 'integer' ? 'value + 1' : "substr(value, 1, length(value) - 1) || '.'")
    return `CASE WHEN value = (SELECT max("${column}") FROM "${table}") THEN ${changed} ELSE value END`
  }

  // In PostgreSQL nothing is done otherwise for it.
  if (!onPostgres)
    test('in a large file too, which another thread looks at', async () => {
      const grown = 'CREATE TABLE notes (bytes); INSERT INTO notes VALUES (zeroblob(30000000))'
      const path = copyOf(shared.trail.path, (database) => database.exec(grown))
      expect(await findingsIn(path, shared.trail.how)).toEqual([])
      const damaged = copyOf(path, (database) => {
        swapIndexOfRoles(database)
      })
      expect(await findingsIn(damaged, shared.trail.how)).toContainEqual({
        kind: 'damaged',
        about: expect.stringContaining('users_role_idx'),
      })
    })

  if (!onPostgres)
    test('also beside a table of somebody else that not every SQLite can read', async () => {
      const strange = [
        'CREATE TABLE notes (text); CREATE INDEX notes_text ON notes(text)',
        ...kept("UPDATE sqlite_schema SET sql = replace(sql, '(text)', '(text COLLATE x)') WHERE name = 'notes_text'"),
      ]
      const change = (database: RawDatabase) => {
        for (const sql of strange) database.exec(sql)
      }
      expect(await findingsIn(copyOf(shared.trail.path, change), shared.trail.how)).toEqual([])
      const path = copyOf(shared.trail.path, (database) => {
        swapIndexOfRoles(database)
        change(database)
      })
      expect(await findingsIn(path, shared.trail.how)).toContainEqual({
        kind: 'damaged',
        about: expect.stringContaining('users_role_idx'),
      })
    })

  if (onPostgres)
    test('and so is a value that is gone', async () => {
      const toast = "indrelid = (SELECT reltoastrelid FROM pg_class WHERE relname = 'settings')"
      const path = copyOf(shared.trail.path, (database) => {
        database.exec(`UPDATE pg_index SET indisready = false WHERE ${toast}`)
        database.exec(
          "INSERT INTO settings SELECT 'zz', string_agg(md5(g::text), ''), NULL, now(), now() FROM generate_series(1, 2000) g",
        )
        database.exec(`UPDATE pg_index SET indisready = true WHERE ${toast}`)
      })
      expect(await findingsIn(path, shared.trail.how)).toContainEqual({
        kind: 'damaged',
        about: expect.stringContaining('missing chunk'),
      })
    })

  if (onPostgres)
    test('in another order than it should be in, by which nothing is found', async () => {
      const path = copyOf(shared.trail.path, (database) => {
        database.exec('CREATE INDEX backwards ON accounts(account DESC)')
        database.exec(`UPDATE pg_class AS c SET relfilenode = o.relfilenode FROM pg_class AS o
        WHERE (c.relname, o.relname) IN (('accounts_pkey', 'backwards'), ('backwards', 'accounts_pkey'))`)
        database.exec('DROP INDEX backwards')
      })
      expect(await findingsIn(path, shared.trail.how)).toEqual([
        { kind: 'damaged', about: 'database: index accounts_pkey on accounts: it is not in its order' },
      ])
    })

  test('by which a USER commands as an OWNER', async () => {
    const folder = temporaryFolder()
    const { path } = copyDatabase(shared.trail.path, folder)
    const database = openAsOwner(path)
    const idOf = (account: string) =>
      database.prepare(`SELECT user_id FROM accounts WHERE account = '${account}'`).pluck().get() as string
    const [owner, user] = [idOf(OWNER), idOf(USER)]
    const index = indexIn(database, ({ table, columns }) => table === 'users' && columns[0] === 'id')
    swapIndex(
      database,
      index,
      `CASE value WHEN '${owner}' THEN '${user}' WHEN '${user}' THEN '${owner}' ELSE value END`,
    )
    database.close()
    const findings = await findingsIn(path, shared.trail.how)
    expect(findings).toContainEqual({ kind: 'damaged', about: expect.stringContaining(index.name) })
  })
})
