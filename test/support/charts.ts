import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { initWasm, Resvg } from '@resvg/resvg-wasm'
import type { StackedDays } from '../../src/kernel/chart.ts'
import { DAY } from '../../src/kernel/clock.ts'

const NAMES = ['AUTH', 'CONFIG', 'ADMIN', 'SECURITY']

/** So many days up to 2026-11-21. */
export const daysUpTo = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => {
    const moment = Date.UTC(2026, 10, 21) - (count - 1 - i) * DAY
    return new Date(moment).toISOString().slice(0, 10)
  })

/** A chart of the four categories, a row of values for each. */
export function chartOf(rows: readonly (readonly number[])[], more: Partial<StackedDays> = {}): StackedDays {
  const days = daysUpTo(rows[0]?.length ?? 0)
  const series = rows.map((values, i) => ({ name: NAMES[i] ?? `S${i}`, values }))
  return { title: 'Audit log', subtitle: 'entries · Europe/Berlin', days, series, ...more }
}

/** Counts up to about `most` a day, with days of none. */
export const busyChart = (count: number, most: number): StackedDays =>
  chartOf(
    NAMES.map((_, row) =>
      Array.from({ length: count }, (_, day) =>
        day % 5 === 3 ? 0 : Math.ceil((most / 4) * (1 - ((day + row) % 3) / 4)),
      ),
    ),
  )

export interface Bar {
  readonly series: number
  readonly day: number
  readonly left: number
  readonly width: number
  readonly bottom: number
  readonly height: number
}

/** The bars of an SVG of echarts, which draws each from its lower left corner. */
export const barsOf = (svg: string): Bar[] =>
  [
    ...svg.matchAll(/<path d="M(\S+) (\S+)l(\S+) 0l0 (\S+)l.*?ecmeta_series_index="(\d+)" ecmeta_data_index="(\d+)"/g),
  ].map(([, left, bottom, width, height, series, day]) => ({
    series: Number(series),
    day: Number(day),
    left: Number(left),
    width: Number(width),
    bottom: Number(bottom),
    height: -Number(height),
  }))

const elementsOf = (svg: string): string[] => svg.match(/<text.*?<\/text>/gs) ?? []
const contentOf = (element: string): string => element.replace(/<[^>]*>/g, '')

/** All that is written in the chart, from the top of the file, as XML. */
export const textsOf = (svg: string): string[] => elementsOf(svg).map(contentOf)

export interface TextBox {
  readonly text: string
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
  readonly fontSize: number
}

/** Where each text ends up when it is drawn with the real fonts, in pixels. */
export async function textBoxesOf(svg: string): Promise<TextBox[]> {
  const { resolve } = createRequire(import.meta.url)
  await initWasm(readFileSync(resolve('@resvg/resvg-wasm/index_bg.wasm'))).catch(() => {})
  const font = (file: string) => [readFileSync(resolve(`@expo-google-fonts/inter/${file}`))]
  const [regular, semiBold] = [font('400Regular/Inter_400Regular.ttf'), font('600SemiBold/Inter_600SemiBold.ttf')]
  return elementsOf(svg).map((element) => {
    const fontBuffers = element.includes('font-weight:600') ? semiBold : regular
    const page = `<svg xmlns="http://www.w3.org/2000/svg" width="1080" height="1200">${element}</svg>`
    const resvg = new Resvg(page, { font: { fontBuffers } })
    const box = resvg.getBBox()
    resvg.free()
    if (box === undefined) throw new Error(`Nothing is drawn of ${element}`)
    const { x, y, width, height } = box
    const fontSize = Number(/font-size:(\d+)px/.exec(element)?.[1])
    return { text: contentOf(element), left: x, right: x + width, top: y, bottom: y + height, fontSize }
  })
}
