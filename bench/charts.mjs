// @ts-check
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Resvg } from '@resvg/resvg-wasm'
import { compiled, interleave, median, progress, time } from './measure.mjs'

const DAY = 24 * 60 * 60 * 1000
const room = compiled('charts/stacked-days.js').href
const EMPTY = '<svg xmlns="http://www.w3.org/2000/svg" width="1080" height="1200"/>'

/**
 * How long a chart of 30 days takes, once everything is loaded and as the first one of a process.
 * @returns {Promise<import('./measure.mjs').Figure[]>}
 */
export async function measureCharts() {
  progress('Charts')
  /** @type {typeof import('../dist/charts/stacked-days.js')} */
  const { drawStackedDays } = await import(room)
  await drawStackedDays(chart())
  const fontBuffers = fonts()
  const warm = await interleave(25, {
    chart: () => time(() => drawStackedDays(chart())),
    empty: () => time(() => drawEmpty(fontBuffers)),
  })
  const first = `const { drawStackedDays } = await import('${room}'); await drawStackedDays(${JSON.stringify(chart())})`
  const cold = await interleave(9, {
    chart: () => run(['--input-type=module', '-e', first]),
    node: () => run(['-e', '0']),
  })
  return [
    {
      name: 'chart of 30 days, p50',
      value: median(warm.chart),
      unit: 'ms',
      against: 'resvg, empty picture',
      limit: median(warm.empty),
    },
    {
      name: 'first chart of a process',
      value: median(cold.chart) / 1000,
      unit: 's',
      against: 'node -e 0',
      limit: median(cold.node) / 1000,
    },
  ]
}

/** @returns {import('../dist/charts/stacked-days.js').StackedDays} */
function chart() {
  const days = Array.from({ length: 30 }, (_, i) => new Date(Date.UTC(2026, 0, 1) + i * DAY).toISOString().slice(0, 10))
  const series = ['AUTH', 'CONFIG', 'ADMIN', 'SECURITY'].map((name, row) => ({
    name,
    values: days.map((_, day) => ((day + 3 * row) * 7) % 23),
  }))
  return { title: 'Audit log, 30 days', subtitle: 'Europe/Berlin', days, series }
}

function fonts() {
  const { resolve } = createRequire(import.meta.url)
  return ['400Regular/Inter_400Regular.ttf', '600SemiBold/Inter_600SemiBold.ttf'].map((file) =>
    readFileSync(resolve(`@expo-google-fonts/inter/${file}`)),
  )
}

/** The least that any picture of this size costs. @param {Uint8Array[]} fontBuffers */
function drawEmpty(fontBuffers) {
  const resvg = new Resvg(EMPTY, { font: { fontBuffers } })
  const image = resvg.render()
  image.asPng()
  image.free()
  resvg.free()
}

/** @param {string[]} args */
function run(args) {
  return time(() => {
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`The drawing process ended with ${status}: ${stderr}`)
  })
}
