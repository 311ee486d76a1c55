import type { TestWarden } from './chatwarden.ts'

/** Makes these the only users, behind Chatwarden's back: each by one account, with a role. */
export function putPeople(warden: TestWarden, people: readonly (readonly [account: string, role: string])[]): void {
  warden.sql('DELETE FROM accounts')
  warden.sql('DELETE FROM users')
  warden.sql(
    `INSERT INTO users VALUES ${people.map(() => '(?, NULL, ?, false, 0, 0)').join()}`,
    ...people.flatMap(([account, role]) => [`id of ${account}`, role]),
  )
  warden.sql(
    `INSERT INTO accounts VALUES ${people.map(() => "(?, ?, 'given', NULL, 0)").join()}`,
    ...people.flatMap(([account]) => [account, `id of ${account}`]),
  )
}

/** Gives a user another account, behind Chatwarden's back: there is no command for it. */
export function linkAccount(warden: TestWarden, account: string, to: string): void {
  warden.sql(
    `INSERT INTO accounts SELECT ?, user_id, 'confirmed', NULL, since + 1 FROM accounts WHERE account = ?`,
    account,
    to,
  )
}

export const idOf = (warden: TestWarden, account = ''): string | undefined =>
  warden.sql<{ id: string }>('SELECT user_id AS id FROM accounts WHERE account = ?', account)[0]?.id
