// Prints the SQL that creates the whole SQLite schema, made from prisma/sqlite/schema.prisma by Prisma's own
// schema engine in its WebAssembly build (the native one would have to be downloaded). A development tool:
// the next migration is written from its difference, and a test holds migrations and schema together.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'

const require = createRequire(import.meta.url)

export async function schemaSql(path = 'prisma/sqlite/schema.prisma') {
  const { SchemaEngine } = await loadEngine()
  const files = [{ path, content: readFileSync(path, 'utf8') }]
  const factory = new PrismaBetterSqlite3({ url: ':memory:' })
  const engine = await SchemaEngine.new(
    { datamodels: files.map((file) => [file.path, file.content]) },
    () => {},
    bindMigrationAwareSqlAdapterFactory(factory),
  )
  const diff = await engine.diff({
    from: { tag: 'empty' },
    to: { tag: 'schemaDatamodel', files },
    script: true,
    shadowDatabaseUrl: null,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  })
  return diff.stdout
}

/** Node 20 cannot import a .wasm file, so the module is wired by hand. */
async function loadEngine() {
  const bindings = require.resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const engine = await import(pathToFileURL(bindings).href)
  const bytes = readFileSync(bindings.replace(/\.js$/, '.wasm'))
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': engine })
  engine.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
  return engine
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.stdout.write(await schemaSql())
