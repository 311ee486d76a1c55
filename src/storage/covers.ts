/**
 * What keeps a column from becoming somebody's lie that the bot goes by:
 * - `signed`: part of an entry, of the tree over them or of its signed head.
 * - `replayed`: what it says follows from entries; `verify` replays them and compares.
 * - `sealed`: no entry says it; the bot signs the row, these columns in this order, and goes by no other. `verify` finds what it did not sign.
 * - `bounded`: a lie costs what stands there, at most.
 * - `unproved`: nobody can tell; what stands there can be a lie, and gives nobody a right.
 */
export type Cover = 'signed' | 'replayed' | 'sealed' | 'bounded' | 'unproved'

interface ColumnCover {
  readonly columns: readonly string[]
  readonly cover: Cover
  /** By what it is covered, or what a lie can cost. */
  readonly by: string
}

export interface TableCover {
  /**
   * What becomes of its rows where a backup is restored. `emptied`: what was on its way when the backup was made, or given for a
   * time, must not come back to life.
   */
  readonly restore: 'kept' | 'emptied'
  /** Where it is on one database alone. */
  readonly only?: 'sqlite' | 'postgresql'
  readonly columns: readonly ColumnCover[]
}

const signed = (by: string, ...columns: string[]): ColumnCover => ({ columns, cover: 'signed', by })
const replayed = (by: string, ...columns: string[]): ColumnCover => ({ columns, cover: 'replayed', by })
const sealed = (...columns: string[]): ColumnCover => ({ columns, cover: 'sealed', by: 'the signature in `seal`' })
const bounded = (by: string, ...columns: string[]): ColumnCover => ({ columns, cover: 'bounded', by })
const unproved = (by: string, ...columns: string[]): ColumnCover => ({ columns, cover: 'unproved', by })
const kept = (...columns: ColumnCover[]): TableCover => ({ restore: 'kept', columns })
const emptied = (...columns: ColumnCover[]): TableCover => ({ restore: 'emptied', columns })

/** Every table of the database with all its columns. A test holds it against both schemas. */
export const COVERS: Readonly<Record<string, TableCover>> = {
  users: kept(
    replayed('`ROLE_CHANGE`, `WHITELIST_ADD`, `WHITELIST_REMOVE`', 'id', 'role', 'whitelisted'),
    unproved('shown, and never gone by', 'name', 'created_at', 'updated_at'),
  ),
  accounts: kept(
    replayed('`ROLE_CHANGE` and `IDENTITY_…`', 'account', 'user_id', 'proof', 'phone'),
    unproved('by which of several accounts of the same person they are called', 'since'),
  ),
  seeded_accounts: kept(
    replayed('`ROLE_CHANGE` by the configuration, `ROLE_SEEDED`', 'account', 'role'),
    unproved('shown in a data request', 'seeded_at'),
  ),
  audit_logs: kept(
    signed(
      'its leaf in the tree, and its place there',
      'seq',
      'id',
      'created_at',
      'source',
      'category',
      'action',
      'description',
      'user_id',
      'account',
      'actor_name',
      'user_role',
      'resource_type',
      'resource_id',
      'subject_id',
      'channel_id',
      'request_id',
      'ip_address',
      'user_agent',
      'metadata',
      'nonce',
      'leaf_hash',
    ),
  ),
  audit_head: kept(
    signed('the checkpoint, which the key of the trail has signed', 'size', 'last_created_at', 'checkpoint'),
    bounded('rows but that of number 1 are not read; without it nothing is written', 'id'),
  ),
  audit_tiles: kept(signed('the root in the checkpoint', 'level', 'idx', 'hashes')),
  audit_holds: kept(replayed('`AUDIT_HOLD_ADD`, `AUDIT_HOLD_REMOVE`', 'subject', 'reason', 'held_by', 'held_at')),
  audit_archives: kept(
    replayed(
      '`AUDIT_ARCHIVED`, `AUDIT_ARCHIVE_…`, `AUDIT_ARCHIVES_SEARCHED`; of `uploaded_at` that it was, as what was not is done again',
      'name',
      'first_seq',
      'last_seq',
      'entries',
      'ranges',
      'newest_at',
      'sha256',
      'erased_through',
      'looked_through',
      'created_at',
      'uploaded_at',
      'removing_at',
    ),
  ),
  audit_restored: kept(replayed('`AUDIT_RESTORED`, `AUDIT_RELEASED`', 'first_seq', 'last_seq', 'archive')),
  audit_imports: kept(
    unproved('an entry of another log is imported once more, or not, by who imports it again', 'key', 'imported_at'),
  ),
  exported_days: kept(
    replayed('`AUDIT_LOG_EXPORTED`: the last day that was exported is there, and none after it', 'day'),
    unproved(
      'a day that is said to be uploaded is not, and its files go from here when they are old',
      'exported_at',
      'uploaded_at',
    ),
  ),
  shared_objects: kept(
    bounded(
      'a file that was shared is removed early or stays; none but those of links can be named',
      'key',
      'expires_at',
    ),
  ),
  audit_witnesses: kept(replayed('`AUDIT_WITNESS_ADD`, `AUDIT_WITNESS_REMOVE`', 'user_id', 'since')),
  processed_messages: kept(
    bounded(
      'a message that the platform delivers twice counts twice, or one that it delivers is passed over',
      'source',
      'message_id',
      'created_at',
    ),
  ),
  page_cursors: emptied(sealed('sender', 'channel_id', 'command', 'arguments', 'position', 'expires_at', 'seal')),
  denial_windows: emptied(sealed('sender', 'answered', 'counted', 'expires_at', 'seal')),
  leases: emptied(
    bounded(
      'each time, a job begins up to three minutes later, once more, or not on that day',
      'name',
      'holder',
      'expires_at',
      'finished_at',
    ),
  ),
  outbox_messages: emptied(
    sealed('id', 'source', 'message', 'reply', 'created_at', 'seal'),
    bounded('an answer is sent twice, or not', 'begun_by'),
  ),
  known_accounts: emptied(sealed('account', 'phone', 'told_at', 'seal')),
  identity_claims: emptied(sealed('phone', 'account', 'claimed_at', 'seal')),
  blocks: kept(
    replayed('`USER_BLOCK`, `USER_UNBLOCK`, while it lasts', 'account', 'until', 'reason', 'blocked_by', 'blocked_at'),
  ),
  refusals: emptied(
    bounded('who is turned away is told once more, or is no entry for an hour', 'sender', 'reason', 'recorded_at'),
  ),
  settings: kept(
    replayed('`CONFIG_UPDATE`, which has a hash of the row', 'name', 'value', 'previous', 'effective_at', 'updated_at'),
  ),
  confirmations: emptied(
    replayed(
      '`CONFIRMATION_REQUESTED`, which has a hash of each code',
      'confirmer',
      'code',
      'request_id',
      'requested_by',
      'command',
      'arguments',
      'subject',
      'what',
      'request_seq',
      'expires_at',
    ),
    bounded('nobody is reminded, or once more', 'remind_at'),
  ),
  new_owners: kept(sealed('user_id', 'since', 'remaining', 'seal')),
  clock_doubts: emptied(sealed('since', 'remaining', 'seal')),
  cost_totals: kept(unproved('what was spent, and that a threshold was passed', 'period', 'amount', 'told')),
  audit_replays: kept(
    unproved(
      'an entry that waits in a file is written once more, or not: those files are as open as the database',
      'id',
      'replayed_at',
    ),
  ),
  audit_moves: kept(
    bounded(
      'the bot does not start, and says where the trail is said to be; without the row a trail that was moved goes on in two places, and a kept checkpoint of either shows it (`forked`)',
      'id',
      'destination',
      'moved_at',
    ),
  ),
  rate_limits: emptied(bounded('somebody is answered more or less for one window', 'key', 'points', 'expire')),
  audit_policy: {
    only: 'postgresql',
    ...kept(
      bounded(
        'only the owner of the tables can change it; what retention may not remove is in the entries',
        'id',
        'minimum_days',
        'clock_skew',
      ),
    ),
  },
  _prisma_migrations: kept(
    bounded(
      'the schema itself is compared: a start refuses',
      'id',
      'checksum',
      'finished_at',
      'migration_name',
      'logs',
      'rolled_back_at',
      'started_at',
      'applied_steps_count',
    ),
  ),
}

/** The tables whose rows the bot signs, each with the columns that are signed, in the order in which they are. */
export const SEALED_TABLES: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(COVERS).flatMap(([table, { columns }]) =>
    columns
      .filter(({ cover }) => cover === 'sealed')
      .map((each) => [table, each.columns.filter((column) => column !== 'seal')] as const),
  ),
)

export const EMPTIED_ON_RESTORE: readonly string[] = Object.entries(COVERS).flatMap(([table, { restore }]) =>
  restore === 'emptied' ? table : [],
)
