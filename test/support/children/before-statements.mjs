// Calls `act` before each statement of a write transaction of this process, its COMMIT among them, with its SQL.
import Sqlite from 'better-sqlite3'
import pg from 'pg'

export function beforeStatements(act) {
  const statement = Object.getPrototypeOf(new Sqlite(':memory:').prepare('SELECT 1'))
  const ofFile = (database, sql) => {
    if (!database.readonly && database.inTransaction) act(sql)
  }
  for (const name of ['run', 'all', 'get', 'iterate']) {
    const original = statement[name]
    statement[name] = function (...values) {
      ofFile(this.database, this.source)
      return original.apply(this, values)
    }
  }
  const { exec } = Sqlite.prototype
  Sqlite.prototype.exec = function (sql) {
    ofFile(this, sql)
    return exec.call(this, sql)
  }

  const writing = new WeakSet()
  const { query } = pg.Client.prototype
  pg.Client.prototype.query = function (given, ...more) {
    const sql = typeof given === 'string' ? given : (given?.text ?? '')
    if (writing.has(this)) act(sql)
    if (/^\s*(?:BEGIN|START TRANSACTION)\b(?!.*READ ONLY)/is.test(sql)) writing.add(this)
    if (/^\s*(?:COMMIT|ROLLBACK)\b(?! TO)/i.test(sql)) writing.delete(this)
    return query.call(this, given, ...more)
  }
}
