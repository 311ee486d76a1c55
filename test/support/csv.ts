/** Reads RFC 4180 by its own grammar, so that what wrote it is not what reads it. Rows of cells, header first. */
export function readCsv(text: string): string[][] {
  const rows: string[][] = []
  let at = 0
  const cell = (): string => {
    if (text[at] !== '"') {
      const start = at
      while (at < text.length && text[at] !== ',' && text[at] !== '\r') {
        if (text[at] === '"' || text[at] === '\n') throw new Error(`A bare ${JSON.stringify(text[at])} at ${at}`)
        at++
      }
      return text.slice(start, at)
    }
    let value = ''
    for (at++; ; at++) {
      if (at >= text.length) throw new Error('A quoted cell has no end')
      if (text[at] !== '"') value += text[at]
      else if (text[at + 1] === '"') value += text[at++]
      else break
    }
    at++
    return value
  }
  while (at < text.length) {
    const row = [cell()]
    while (text[at] === ',') {
      at++
      row.push(cell())
    }
    if (text.slice(at, at + 2) !== '\r\n') throw new Error(`No line end at ${at}`)
    at += 2
    rows.push(row)
  }
  return rows
}
