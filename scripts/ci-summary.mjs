// Sums up a run of .ci/run from the files that its steps left: what failed, what was tried twice, where the time went,
// and at last one line "N passed, N failed". Exits with 1 unless all passed.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder, seconds, ...names] = process.argv.slice(2)
/** Second tries of a whole run; more are no chance. */
const MOST_TRIED_TWICE = 3
/** Steps that leave the results of tests. */
const REPORTING = /^(tests|soak)/
const read = (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : undefined)

const total = { passed: 0, failed: 0 }
const count = (passed, failed) => {
  total.passed += passed
  total.failed += failed
}

// A step that left nothing was killed.
const steps = names.map((name) => {
  const [status, took] = existsSync(join(folder, `${name}.step`))
    ? read(`${name}.step`).trim().split(' ').map(Number)
    : []
  return { name, status, took }
})

for (const { name, status } of steps) {
  count(Number(status === 0), Number(status !== 0))
  if (status !== 0) console.log(`FAILED: ${name}`)
  if (!REPORTING.test(name)) continue
  try {
    sumUp(name, JSON.parse(read(`${name}.json`) ?? ''))
  } catch {
    console.log(`FAILED: ${name} left no results`)
    count(0, 1)
  }
}

function sumUp(part, { success, numPassedTests, numFailedTests, numPendingTests, testResults }) {
  // A file that could not be loaded has no test that failed; neither has a run without tests.
  if (numPassedTests === 0 || (!success && numFailedTests === 0)) {
    console.log(`FAILED: ${part} as a whole`)
    count(0, 1)
  }
  for (const { name, message, assertionResults } of testResults) {
    const failed = assertionResults.filter(({ status }) => status === 'failed')
    if (failed.length === 0 && message) console.log('FAILED:', name, message)
    for (const { fullName, failureMessages } of failed)
      console.log('FAILED:', name, '>', fullName, failureMessages.join().split('\n').slice(0, 12).join('\n'))
  }
  console.log(`${part}: ${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`)
  // What was skipped was not shown: it counts as failed. But for blocks of the operations page, which say why they are not run.
  const counting = testResults.filter(({ name }) => !/\/docs\/operations[\w-]*\.soak\.ts$/.test(name))
  const others = counting.flatMap(({ assertionResults }) => assertionResults)
  count(numPassedTests, numFailedTests + others.filter(({ status }) => !['passed', 'failed'].includes(status)).length)
}

const triedTwice = steps.flatMap(({ name }) =>
  (read(`${name}.log`) ?? '').split('\n').filter((line) => line.startsWith('FLAKY: ')),
)
for (const line of triedTwice) console.log(line)
if (triedTwice.length > MOST_TRIED_TWICE) {
  console.log(`FAILED: ${triedTwice.length} second tries, at most ${MOST_TRIED_TWICE} in a run`)
  count(0, 1)
}

console.log('\nWhere the time went, in seconds (the long rounds of both databases run side by side):')
for (const { name, took } of steps.sort((a, b) => b.took - a.took)) console.log(`${String(took).padStart(6)}  ${name}`)
console.log(`${String(seconds).padStart(6)}  in all\n`)
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1
