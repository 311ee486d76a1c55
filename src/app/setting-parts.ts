import type { Config } from '../config.ts'
import { type OwnSettings, ownSettings } from '../settings/own-settings.ts'
import { keyIn, SecretBox } from '../settings/secret-box.ts'
import type { Setting } from '../settings/setting.ts'
import { Settings } from '../settings/settings.ts'
import { timeFormat } from '../text/time.ts'
import type { Ground } from './ground.ts'

export interface SettingParts {
  readonly settings: Settings
  readonly own: OwnSettings
  /** Shows a moment in the time zone that is set. */
  time(moment: Date): string
}

/** The settings of Chatwarden and of the host, as they are now. @throws {ChatwardenError} for secrets that can't be read. */
export async function settingParts(
  { config, reader, clock, log }: Pick<Ground, 'config' | 'reader' | 'clock' | 'log'>,
  hosts: readonly Setting[] = [],
): Promise<SettingParts> {
  const own = ownSettings(config)
  const all = [...Object.values(own), ...hosts]
  const box = all.some(({ secret }) => secret) ? new SecretBox(keyOf(config)) : undefined
  const settings = new Settings(all, { reader, clock, log, box })
  await settings.open()
  let shownIn = { timeZone: '', format: timeFormat('UTC') }
  return {
    settings,
    own,
    time: (moment) => {
      const timeZone = settings.get(own.timeZone)
      if (shownIn.timeZone !== timeZone) shownIn = { timeZone, format: timeFormat(timeZone) }
      return shownIn.format(moment)
    },
  }
}

/** The key of secret settings, from which others are derived. */
export const keyOf = ({ settingsKey, dataDir }: Config): Buffer =>
  settingsKey === undefined ? keyIn(dataDir) : Buffer.from(settingsKey, 'hex')
