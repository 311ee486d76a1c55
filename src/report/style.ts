/** Light or dark as the reader's system is, and black on white on paper. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c1f24; --paper: #fff; --line: #d5d9df; --bar: #0b4f9e; --alarm: #b3152f; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8eb; --paper: #15181c; --line: #3a4048; --bar: #6cb6f5; --alarm: #ff8090; }
}
@media print {
  :root { color-scheme: light; --ink: #000; --paper: #fff; --line: #999; --bar: #0b4f9e; --alarm: #b3152f; }
  section { break-inside: auto; }
  tr, figure { break-inside: avoid; }
}
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; }
h2 { font-size: 1.2rem; margin-top: 2.2rem; border-bottom: 1px solid var(--line); }
table { border-collapse: collapse; margin: .8rem 0; }
th, td { text-align: left; vertical-align: top; padding: .2rem .9rem .2rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.warning { color: var(--alarm); font-weight: 600; }
figure { margin: .8rem 0; overflow-x: auto; }
svg { width: 100%; min-width: 40rem; height: auto; }
svg text { fill: var(--ink); font: 13px system-ui, sans-serif; }
.bar { fill: var(--bar); }
.none { fill: var(--alarm); }
`
