import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HOUR } from '../../src/kernel/clock.ts'
import { lastDays, withinHours } from '../../src/text/days.ts'

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Pacific/Apia',
  'America/Havana',
  'Asia/Beirut',
  'Africa/Cairo',
]
const FORMATS = new Map(
  ZONES.map((timeZone) => [timeZone, new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' })]),
)
const local = (moment: Date, timeZone: string) => FORMATS.get(timeZone)?.format(moment)

describe('the last days of a time zone', () => {
  test('follow one another without a gap, each begins on its own date, and today is the last', () => {
    const moments = fc.date({ min: new Date('2024-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
    const property = fc.property(
      fc.constantFrom(...ZONES),
      moments,
      fc.integer({ min: 1, max: 40 }),
      (zone, now, n) => {
        const days = lastDays(n, zone, now.getTime())
        expect(days).toHaveLength(n)
        days.forEach((day, index) => {
          expect(local(day.start, zone)).toBe(day.name)
          expect(local(new Date(day.start.getTime() - 1), zone)).not.toBe(day.name)
          if (index > 0) expect(day.start).toEqual(days[index - 1]?.end)
        })
        expect(days.at(-1)?.name).toBe(local(now, zone))
      },
    )
    fc.assert(property, { numRuns: 50 })
  })

  test('begin at midnight, also seen from a day that has none', () => {
    // In Cairo the clocks go forward at midnight: that day begins at one o'clock.
    const days = lastDays(3, 'Africa/Cairo', Date.parse('2026-04-24T12:00:00Z'))
    expect(days.map(({ start }) => start.toISOString())).toEqual([
      '2026-04-21T22:00:00.000Z',
      '2026-04-22T22:00:00.000Z',
      '2026-04-23T22:00:00.000Z',
    ])
  })

  test.each([
    ['2026-03-29', 23],
    ['2026-10-25', 25],
    ['2026-06-15', 24],
  ])('%s has %i hours in Berlin', (name, hours) => {
    const [day] = lastDays(1, 'Europe/Berlin', Date.parse(`${name}T12:00:00Z`))
    expect(day?.name).toBe(name)
    expect(((day?.end.getTime() ?? 0) - (day?.start.getTime() ?? 0)) / HOUR).toBe(hours)
  })
})

describe('off-hours', () => {
  const days = lastDays(2, 'Europe/Berlin', Date.parse('2026-06-15T12:00:00Z'))
  const within = (hours: string) =>
    withinHours(days, hours, 'Europe/Berlin').map(({ start, end }) => [start.toISOString(), end.toISOString()])

  test('that cross midnight are the beginning and the end of each day', () => {
    expect(within('22:00-06:30')).toEqual([
      ['2026-06-13T22:00:00.000Z', '2026-06-14T04:30:00.000Z'],
      ['2026-06-14T20:00:00.000Z', '2026-06-14T22:00:00.000Z'],
      ['2026-06-14T22:00:00.000Z', '2026-06-15T04:30:00.000Z'],
      ['2026-06-15T20:00:00.000Z', '2026-06-15T22:00:00.000Z'],
    ])
  })

  test('within a day are one stretch of each', () => {
    expect(within('12:00-13:00')).toEqual([
      ['2026-06-14T10:00:00.000Z', '2026-06-14T11:00:00.000Z'],
      ['2026-06-15T10:00:00.000Z', '2026-06-15T11:00:00.000Z'],
    ])
  })

  test('are all of a time that comes twice', () => {
    const days = lastDays(1, 'Europe/Berlin', Date.parse('2026-10-25T12:00:00Z'))
    const spans = (hours: string) =>
      withinHours(days, hours, 'Europe/Berlin').map(({ start, end }) => [start.toISOString(), end.toISOString()])
    expect(spans('02:30-06:00')).toEqual([['2026-10-25T00:30:00.000Z', '2026-10-25T05:00:00.000Z']])
    expect(spans('00:00-02:30')).toEqual([['2026-10-24T22:00:00.000Z', '2026-10-25T01:30:00.000Z']])
  })

  test.each([
    ['Europe/Berlin', '2026-10-25', '02:30-02:10', [['2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z']]],
    ['America/Havana', '2026-11-01', '00:01-00:00', [['2026-11-01T04:00:00.000Z', '2026-11-02T05:00:00.000Z']]],
    [
      'Europe/Berlin',
      '2026-10-26',
      '02:30-02:10',
      [
        ['2026-10-25T23:00:00.000Z', '2026-10-26T01:10:00.000Z'],
        ['2026-10-26T01:30:00.000Z', '2026-10-26T23:00:00.000Z'],
      ],
    ],
  ])(
    'in %s are each moment of %s once where they are all but a part of the hour that comes twice',
    (zone, day, hours, stretches) => {
      const days = lastDays(1, zone, Date.parse(`${day}T12:00:00Z`))
      expect(withinHours(days, hours, zone).map(({ start, end }) => [start.toISOString(), end.toISOString()])).toEqual(
        stretches,
      )
    },
  )

  test.each(['none', '08:00-08:00'])('%s are none', (hours) => expect(within(hours)).toEqual([]))

  test('never overlap and stay within their days, also when the clocks change', () => {
    const time = fc.tuple(fc.nat(23), fc.nat(59)).map((parts) => parts.map((n) => String(n).padStart(2, '0')).join(':'))
    const property = fc.property(fc.constantFrom(...ZONES), time, time, (zone, from, to) => {
      const year = lastDays(60, zone, Date.parse('2026-11-20T12:00:00Z'))
      const stretches = withinHours(year, `${from}-${to}`, zone)
      stretches.forEach(({ start, end }, index) => {
        expect(start < end).toBe(true)
        if (index > 0) expect(start >= (stretches[index - 1]?.end ?? start)).toBe(true)
      })
    })
    fc.assert(property, { numRuns: 20 })
  })
})
