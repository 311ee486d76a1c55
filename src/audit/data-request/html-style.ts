/** Light or dark as the reader's device is, and black on white on paper. Entries out of sight are not laid out. */
export const STYLE = `
:root { color-scheme: light dark; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; }
h2 { font-size: 1.15rem; margin-top: 2rem; }
p { margin: 0 0 .25rem; }
ul { padding-left: 1.2rem; }
dl { display: grid; grid-template-columns: minmax(7rem, auto) 1fr; gap: .1rem 1rem; margin: .25rem 0; }
dt { opacity: .75; }
dd { margin: 0; }
ol { padding-left: 0; list-style: none; }
ol > li { padding: .75rem 0; border-top: 1px solid #8884; break-inside: avoid; content-visibility: auto; contain-intrinsic-size: auto 8rem; }
.more, ol dl { font-size: .875rem; opacity: .85; }
@media print { :root { color-scheme: light; } main { max-width: none; } ol > li { content-visibility: visible; } }
`
