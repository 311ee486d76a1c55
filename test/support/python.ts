import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { ROOT } from './child.ts'

/** Runs a Python script to its end. Python is wherever node-gyp builds, so it is a fault of the machine if it is not. */
export async function runPython(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const python = spawn('python3', args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    python[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  try {
    const [code] = (await once(python, 'close')) as [number]
    return { code, ...output }
  } catch (cause) {
    throw new Error('This test needs python3, which is not on this machine: install Python 3.8 or later.', { cause })
  }
}
