import { relative } from 'node:path'
import type { Reporter, TestCase, TestModule, TestRunEndReason } from 'vitest/node'

/** More second tries than this in one run are no chance. */
const MOST = 3

/** Names each test that was tried twice, with both outcomes, and fails a run with too many of them. A run that failed ends so. */
export default class FlakyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], _errors: unknown, reason: TestRunEndReason): void {
    if (reason === 'failed') failAtExit()
    const tried = modules.flatMap((module) => [...module.children.allTests()]).filter(isTriedTwice)
    for (const test of tried) console.log(describe(test))
    if (tried.length <= MOST) return
    console.log(`Too many second tries: ${tried.length}, at most ${MOST} in a run.`)
    failAtExit()
  }
}

/** At the very end: what starts PostgreSQL for the tests ends the process with 0 when there is nothing left to do. */
const failAtExit = () =>
  process.once('exit', () => {
    process.exitCode = 1
  })

const isTriedTwice = (test: TestCase): boolean => (test.diagnostic()?.retryCount ?? 0) > 0

function describe(test: TestCase): string {
  const { state, errors = [] } = test.result()
  const lines = errors.map(({ message }) => message.split('\n')[0])
  const second = state === 'passed' ? 'passed' : (lines.at(-1) ?? state)
  return `FLAKY: ${relative(process.cwd(), test.module.moduleId)} > ${test.fullName}: first ${lines[0]}; then ${second}`
}
