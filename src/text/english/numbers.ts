export const number = (n: number): string => n.toLocaleString('en')

export const days = (n: number): string => (n === 1 ? '1 day' : `${n} days`)
