import { parseArgs } from 'node:util'
import { doctor } from '../doctor/doctor.ts'
import { print } from './print.ts'

/** `chatwarden doctor`: whether everything is there that the bot needs. */
export async function run(args: string[]): Promise<number> {
  parseArgs({ args, options: {} })
  return (await doctor(print)) ? 0 : 3
}
