/**
 * The cells that a spreadsheet makes of a text where it was told this separator: a quote counts where a cell begins with
 * it, and what stands behind the closing one still belongs to the cell.
 */
export function cellsSeparatedBy(separator: string, text: string): string[] {
  const cells: string[] = []
  let cell = ''
  let quote: 'none' | 'open' | 'closed' = 'none'
  for (let at = 0; at <= text.length; at++) {
    const character = text[at]
    const isEnd = character === separator || character === '\r' || character === '\n'
    if (character === undefined || (isEnd && quote !== 'open')) {
      cells.push(cell)
      cell = ''
      quote = 'none'
    } else if (character === '"' && quote === 'open') {
      if (text[at + 1] === '"') cell += text[++at]
      else quote = 'closed'
    } else if (character === '"' && cell === '' && quote === 'none') quote = 'open'
    else cell += character
  }
  return cells
}
