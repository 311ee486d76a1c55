import type { Client } from 'pg'
import { ChatwardenError } from '../../kernel/errors.ts'
import { databaseLabel } from '../beside-database.ts'
import { isSwitched } from './pooler.ts'
import { GIVEN } from './session.ts'

/** The oldest that the schema works on, as a number: 140000 is 14.0. */
const OLDEST = 140_000

export interface Server {
  /** As a number: 180004 is 18.4. */
  readonly version: number
  /** In which the database keeps text. */
  readonly encoding: string
  /** Whether it only follows another, and takes no writes. */
  readonly isReplica: boolean
  /** Settings that only a superuser may take back, and that no trail can be kept with. */
  readonly settings: readonly string[]
  /** Whether a pooler gives its sessions to whoever asks next. */
  readonly isSwitched: boolean
}

/** Why a bot can't work with a database, and what to do about it. */
export interface Unfitness {
  readonly text: string
  readonly advice: string
}

// Of a trail that is there its schema says what keeps triggers from running, also for other users.
const SETTINGS = `SELECT name || ' is ' || setting FROM pg_settings
  JOIN (VALUES ${Object.entries(GIVEN)
    .map(([name, value]) => `('${name}', '${value}')`)
    .join(', ')}) AS given(setting_name, wanted) ON setting_name = name
  WHERE setting <> wanted AND (name <> 'session_replication_role' OR to_regclass('public.audit_logs') IS NULL)`

export async function serverOf(client: Client, url: string): Promise<Server> {
  const { rows } = await client.query(
    `SELECT current_setting('server_version_num')::integer AS version, current_setting('server_encoding') AS encoding,
      pg_is_in_recovery() AS "isReplica", ARRAY(${SETTINGS}) AS settings`,
  )
  return { ...rows[0], isSwitched: await isSwitched(client, url) }
}

/** What a start would find out half-way; `undefined`: nothing. */
export function unfitnessOf(server: Server): Unfitness | undefined {
  const { version, encoding, isReplica, settings } = server
  if (version < OLDEST) return { text: `is PostgreSQL ${numberOf(version)}`, advice: 'Chatwarden needs 14 or newer.' }
  if (encoding !== 'UTF8')
    return {
      text: `keeps text in ${encoding}, which has no place for much of what people write`,
      advice: 'Make a database in UTF8: createdb --encoding=UTF8 --template=template0 NAME',
    }
  if (isReplica)
    return {
      text: 'is a read replica, which takes no writes',
      advice: 'Name the server that it follows (the primary).',
    }
  if (server.isSwitched)
    return {
      text: 'is behind a pooler that gives each transaction another session, so that what keeps the trail durable is lost',
      advice:
        'Let it keep one session for each connection (PgBouncer: pool_mode = session), or name the server itself.',
    }
  if (settings.length > 0)
    return {
      text: `has ${settings.join(', ')}, so that what protects the trail or tells damage is switched off`,
      advice:
        'As a superuser: ALTER DATABASE … RESET NAME, or ALTER ROLE … RESET NAME. What is set for which, says \\drds in psql.',
    }
  return undefined
}

export const numberOf = (version: number): string => `${Math.floor(version / 10_000)}.${version % 10_000}`

/**
 * Before anything is made or changed. `setting`: what names the database, for whoever has to correct it.
 * @throws {ChatwardenError} `CONFIG_INVALID`
 */
export async function refuseUnfit(client: Client, url: string, setting = 'DATABASE_URL='): Promise<void> {
  const unfit = unfitnessOf(await serverOf(client, url))
  if (unfit === undefined) return
  throw new ChatwardenError('CONFIG_INVALID', `${setting}${databaseLabel(url)} ${unfit.text}. ${unfit.advice}`)
}
