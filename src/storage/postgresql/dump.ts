import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withClient } from './client.ts'
import { run, runOn } from './programs.ts'

/** Writes the whole database, as it is at one moment, into a file that `pg_restore` reads. */
export async function dumpDatabase(url: string, path: string): Promise<void> {
  await runOn(url, 'pg_dump', ['--format=custom', '--encoding=UTF8', '--no-owner', '--no-acl', `--file=${path}`])
}

// Rights are not brought along, and what nobody may call by the migrations everybody may again.
const REVOKE = `DO $$ DECLARE name text; BEGIN
  FOREACH name IN ARRAY ARRAY['public.audit_prepare_month(timestamp)', 'public.audit_drop_empty_month()',
    'public.audit_remove(integer[])', 'public.audit_grant(name)'] LOOP
    IF to_regprocedure(name) IS NOT NULL THEN EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', name); END IF;
  END LOOP; END $$`

/** Brings a dump into a database that is empty: all of it or nothing. Rights are to be given anew. */
export async function loadDump(url: string, path: string): Promise<void> {
  const how = ['--no-owner', '--no-acl', '--exit-on-error', '--single-transaction']
  const folder = await mkdtemp(join(tmpdir(), 'chatwarden-'))
  try {
    // Extensions, as for looking at slow statements, are no part of the trail, and only a superuser could make them.
    const contents = (await run('pg_restore', ['--list', path])).split('\n')
    const list = join(folder, 'contents')
    await writeFile(list, contents.filter((line) => !(/^\d+; /.test(line) && line.includes(' EXTENSION '))).join('\n'))
    await runOn(url, 'pg_restore', [...how, `--use-list=${list}`, path])
    await withClient(url, {}, (client) => client.query(REVOKE))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The row of the trail's head in a dump; `undefined` if it has none. Reads the table of contents, too. */
export async function headInDump(path: string): Promise<{ checkpoint: string; lastCreatedAt: number } | undefined> {
  await run('pg_restore', ['--list', path])
  const sql = await run('pg_restore', ['--data-only', '--table=audit_head', '--file=-', path])
  const [, columns = '', row = ''] = /^COPY public\.audit_head \((.*)\) FROM stdin;\n(.*)\n\\\.$/m.exec(sql) ?? []
  if (row === '') return undefined
  const values = row.split('\t')
  const value = (name: string) => unescaped(values[columns.split(', ').indexOf(name)] ?? '')
  return {
    checkpoint: value('checkpoint'),
    lastCreatedAt: Date.parse(`${value('last_created_at').replace(' ', 'T')}Z`),
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v' }

/** As COPY writes text. */
const unescaped = (text: string): string => text.replace(/\\(.)/g, (_, sign: string) => ESCAPES[sign] ?? sign)
