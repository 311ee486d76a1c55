/** Pixels. WhatsApp shows the picture about 390 points wide, so 32 pixels here are read as 12 points there. */
export const WIDTH = 1080
export const HEIGHT = 1200
export const MARGIN = 48

export const FONT = 'Inter'
export const FONT_SIZE = { title: 56, subtitle: 36, name: 34, total: 42, axis: 32, bar: 30, notice: 46 } as const

export const INK = { paper: '#ffffff', strong: '#1c1f24', plain: '#4a5059', line: '#9aa1ab', grid: '#e4e7eb' } as const

/**
 * The series' colours in their order, the last one the alarming one: far enough apart to be told from each other also
 * by people who see no difference between red and green, or between blue and yellow.
 */
export const COLOURS = ['#0b4f9e', '#56b4e9', '#f2b134', '#c81e3a'] as const

export const colourOf = (series: number): string => COLOURS[series % COLOURS.length] ?? INK.plain
