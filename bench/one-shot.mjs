// @ts-check
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { compiled, interleave, median, progress, time } from './measure.mjs'

/**
 * How long one command on the command line takes, beside a node that does nothing.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<import('./measure.mjs').Figure[]>}
 */
export async function measureOneShot(env) {
  progress('One-shot commands')
  const cli = fileURLToPath(compiled('cli/cli.js'))
  const spent = await interleave(15, {
    say: () => run([cli, 'say', '!config role list'], env),
    node: () => run(['-e', '0'], env),
  })
  const value = median(spent.say) / 1000
  return [
    {
      name: "say '!config role list'",
      value,
      unit: 's',
      against: 'node -e 0',
      limit: median(spent.node) / 1000,
      aim: { text: '≤ 0.4 s', met: value <= 0.4 },
    },
  ]
}

/** @param {string[]} args @param {NodeJS.ProcessEnv} env */
function run(args, env) {
  return time(() => {
    const { status, stderr } = spawnSync(process.execPath, args, { env: { ...process.env, ...env }, encoding: 'utf8' })
    if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`)
  })
}
