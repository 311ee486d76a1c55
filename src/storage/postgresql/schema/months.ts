import type { SchemaObject } from '../../schema/schema-object.ts'

/** A partition of the entries, as `audit_prepare_month` calls it. */
const MONTH = /^audit_logs_y(\d{4})m(0[1-9]|1[0-2])$/

/** How what the migrations make of a month is written down: of one that is called so, from `{first}` to `{next}`. */
const TEMPLATE = { name: 'audit_logs_month', first: '{first}', next: '{next}' }

export const isMonth = (name: string): boolean => MONTH.test(name)

/** What belongs to every month, for the months that there are. */
export function forMonths(objects: readonly SchemaObject[], months: readonly string[]): SchemaObject[] {
  const template = objects.filter(({ table }) => table === TEMPLATE.name)
  const others = objects.filter(({ table }) => table !== TEMPLATE.name)
  return [...others, ...months.flatMap((month) => template.map((object) => changed(object, fromTemplate(month))))]
}

/** What a month is made of, as of any month. */
export const asTemplate = (object: SchemaObject): SchemaObject =>
  isMonth(object.table)
    ? changed(
        object,
        fromTemplate(object.table).map(([a, b]) => [b, a] as const),
      )
    : object

type Exchange = readonly (readonly [from: string, to: string])[]

function fromTemplate(month: string): Exchange {
  const [, year = '', number = ''] = MONTH.exec(month) ?? []
  const first = Date.UTC(Number(year), Number(number) - 1)
  const next = Date.UTC(Number(year), Number(number))
  return [
    [TEMPLATE.name, month],
    [TEMPLATE.first, midnight(first)],
    [TEMPLATE.next, midnight(next)],
  ]
}

/** As PostgreSQL writes the bounds of a partition. */
const midnight = (ms: number): string => `'${new Date(ms).toISOString().slice(0, 10)} 00:00:00'`

const changed = (object: SchemaObject, exchange: Exchange): SchemaObject => {
  const change = (text: string) => exchange.reduce((all, [from, to]) => all.replaceAll(from, to), text)
  const { kind, table, name, definition } = object
  return { kind, table: change(table), name: change(name), definition: change(definition) }
}
