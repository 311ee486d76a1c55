import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { withClient } from '../../src/storage/postgresql/client.ts'
import { shareCleanUps } from '../support/at-end.ts'
import { temporaryFolder } from '../support/chatwarden.ts'
import { startDebianServer } from '../support/debian-server.ts'

const { add: atEnd } = shareCleanUps()
let folder: string
let withTls: string
let withoutTls: string

/** An authority of one's own, and a certificate of it for a name that is not the address the server is reached by. */
function makeCertificates(): void {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  for (const name of ['ca', 'other-ca'])
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.crt`,
    )
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    '/CN=localhost',
    '-keyout',
    'server.key',
    '-out',
    'server.csr',
  )
  writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:localhost\n')
  openssl(
    'x509',
    '-req',
    '-in',
    'server.csr',
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    'names',
    '-out',
    'server.crt',
  )
}

beforeAll(async () => {
  folder = temporaryFolder(atEnd)
  makeCertificates()
  const install = (data: string, { uid, gid }: { uid: number; gid: number }) => {
    for (const name of ['server.key', 'server.crt']) {
      copyFileSync(join(folder, name), join(data, name))
      chownSync(join(data, name), uid, gid)
      chmodSync(join(data, name), 0o600)
    }
    writeFileSync(
      join(data, 'pg_hba.conf'),
      'hostssl all all all trust\nhostnossl all all all reject\nlocal all all trust\n',
    )
  }
  withTls = (await startDebianServer(atEnd, { ssl: 'on' }, install)).url
  withoutTls = (await startDebianServer(atEnd)).url
})

/** Whether the connection is encrypted; or what was said instead. */
async function connects(server: string, query: string, host = 'localhost'): Promise<boolean | string> {
  const url = new URL(server)
  url.hostname = host
  url.search = query.replace('FOLDER', folder)
  try {
    return await withClient(url.href, {}, async (client) => {
      const { rows } = await client.query<{ ssl: boolean }>('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')
      return rows[0]?.ssl ?? false
    })
  } catch (error) {
    return (error as Error).message
  }
}

const CA = 'sslrootcert=FOLDER/ca.crt'
const OTHER = 'sslrootcert=FOLDER/other-ca.crt'

// What libpq does, as `psql` with the same parameters would.
test.each([
  ['sslmode=disable', 'localhost', /pg_hba.conf rejects connection.*no encryption/],
  ['sslmode=require', 'localhost', true],
  ['sslmode=require', '127.0.0.1', true],
  [`sslmode=require&${CA}`, '127.0.0.1', true],
  [`sslmode=require&${OTHER}`, 'localhost', /certificate/],
  [`sslmode=verify-ca&${CA}`, 'localhost', true],
  [`sslmode=verify-ca&${CA}`, '127.0.0.1', true],
  [`sslmode=verify-ca&${OTHER}`, 'localhost', /certificate/],
  ['sslmode=verify-ca', 'localhost', /certificate/],
  [`sslmode=verify-full&${CA}`, 'localhost', true],
  [`sslmode=verify-full&${CA}`, '127.0.0.1', /does not match certificate's altnames/],
  [`sslmode=verify-full&${OTHER}`, 'localhost', /certificate/],
  ['sslmode=verify-full', 'localhost', /certificate/],
  ['sslmode=verify-full&sslrootcert=FOLDER/missing.crt', 'localhost', /no such file/],
])('%s to %s', async (query, host, expected) => {
  const found = await connects(withTls, query, host)
  if (typeof expected === 'boolean') expect(found).toBe(expected)
  else expect(found).toMatch(expected)
})

test('a server without TLS is talked to only by who asks for that', async () => {
  expect(await connects(withoutTls, 'sslmode=disable')).toBe(false)
  for (const mode of ['require', 'verify-ca', 'verify-full'])
    expect(await connects(withoutTls, `sslmode=${mode}&${CA}`)).toMatch(/does not support SSL/)
})
