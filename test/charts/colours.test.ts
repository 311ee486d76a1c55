import { describe, expect, test } from 'vitest'
import { COLOURS, INK } from '../../src/charts/theme.ts'

type Triple = readonly [number, number, number]

/** How people without one of the three kinds of cones see, on linear RGB: Machado, Oliveira and Fernandes 2009, severity 1. */
const SIGHT: Readonly<Record<string, readonly [Triple, Triple, Triple]>> = {
  everybody: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
}

const dot = (a: Triple, b: Triple) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]

function linear(hex: string): Triple {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return [channel(1), channel(3), channel(5)]
}

/** CIE 1976 L*a*b*, in which distances are about as great as differences look. */
function lab(rgb: Triple): Triple {
  const root = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116)
  const x = root(dot([0.4124, 0.3576, 0.1805], rgb) / 0.95047)
  const y = root(dot([0.2126, 0.7152, 0.0722], rgb))
  const z = root(dot([0.0193, 0.1192, 0.9505], rgb) / 1.08883)
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}

function seen(hex: string, [red, green, blue]: readonly [Triple, Triple, Triple]): Triple {
  const clamp = (value: number) => Math.min(1, Math.max(0, value))
  const rgb = linear(hex)
  return lab([clamp(dot(red, rgb)), clamp(dot(green, rgb)), clamp(dot(blue, rgb))])
}

describe('the colours of the series', () => {
  test.each(Object.entries(SIGHT))('are far apart, and from the paper, for %s', (_, sight) => {
    const colours = [...COLOURS, INK.paper].map((colour) => seen(colour, sight))
    const distances = colours.flatMap((a, i) =>
      colours.slice(i + 1).map((b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])),
    )
    expect(distances).toHaveLength(10)
    expect(Math.min(...distances)).toBeGreaterThan(35)
  })
})
