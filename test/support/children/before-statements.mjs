// Calls `act` before each statement of a write transaction of this process, its COMMIT among them, with its SQL.
import Sqlite from 'better-sqlite3'
import pg from 'pg'

const RUNS = ['run', 'all', 'get', 'iterate']

export function beforeStatements(act) {
  const statement = Object.getPrototypeOf(new Sqlite(':memory:').prepare('SELECT 1'))
  const undo = RUNS.map((name) =>
    wrap(statement, name, function (original, values) {
      if (isWriting(this.database)) act(this.source)
      return original.apply(this, values)
    }),
  )
  undo.push(
    wrap(Sqlite.prototype, 'exec', function (original, [sql]) {
      if (isWriting(this)) act(sql)
      return original.call(this, sql)
    }),
  )
  const writing = new WeakSet()
  undo.push(
    wrap(pg.Client.prototype, 'query', function (original, values) {
      const sql = typeof values[0] === 'string' ? values[0] : (values[0]?.text ?? '')
      try {
        if (writing.has(this)) act(sql)
      } catch (error) {
        return Promise.reject(error)
      }
      if (/^\s*(?:BEGIN|START TRANSACTION)\b(?!.*READ ONLY)/is.test(sql)) writing.add(this)
      if (/^\s*(?:COMMIT|ROLLBACK)\b(?! TO)/i.test(sql)) writing.delete(this)
      return original.apply(this, values)
    }),
  )
  return () => {
    for (const each of undo) each()
  }
}

const isWriting = (database) => !database.readonly && database.inTransaction

function wrap(holder, name, replacement) {
  const original = holder[name]
  holder[name] = function (...values) {
    return replacement.call(this, original, values)
  }
  return () => {
    holder[name] = original
  }
}
