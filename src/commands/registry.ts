import type { Role } from '../roles/role.ts'
import { atLeast, type EffectiveRole } from '../roles/role.ts'
import type { Texts } from '../text/english.ts'
import { byCategory } from './audit/category.ts'
import { checkpoint } from './audit/checkpoint.ts'
import { clockCommand } from './audit/clock.ts'
import { dataRequest } from './audit/dsar.ts'
import { erase } from './audit/erase.ts'
import { exportLogs } from './audit/export.ts'
import { history } from './audit/history.ts'
import { addHold } from './audit/hold/add.ts'
import { listHolds } from './audit/hold/list.ts'
import { removeHold } from './audit/hold/remove.ts'
import { trailKey } from './audit/key.ts'
import { list } from './audit/list.ts'
import { mine } from './audit/mine.ts'
import { proof } from './audit/proof.ts'
import { search } from './audit/search.ts'
import { stats } from './audit/stats.ts'
import { user } from './audit/user.ts'
import { verifyTrail } from './audit/verify.ts'
import type { Command } from './command.ts'
import { confirmCommand } from './confirm.ts'
import { confirmIdentity } from './role/confirm.ts'
import { demote } from './role/demote.ts'
import { info } from './role/info.ts'
import { listRoles } from './role/list.ts'
import { promote } from './role/promote.ts'
import { revoke } from './role/revoke.ts'
import { why } from './role/why.ts'
import { getSetting } from './settings/get.ts'
import { resetSetting } from './settings/reset.ts'
import { setSetting } from './settings/set.ts'
import { blockUser } from './user/block.ts'
import { userStatus } from './user/status.ts'
import { unblockUser } from './user/unblock.ts'
import { addToWhitelist } from './whitelist/add.ts'
import { listWhitelist } from './whitelist/list.ts'
import { removeFromWhitelist } from './whitelist/remove.ts'

/** Every command. A new one is its file and a line here. */
export const COMMANDS: readonly Command[] = [
  list,
  user,
  byCategory,
  search,
  history,
  mine,
  stats,
  exportLogs,
  dataRequest,
  verifyTrail,
  proof,
  trailKey,
  checkpoint,
  clockCommand,
  erase,
  listHolds,
  addHold,
  removeHold,
  listRoles,
  info,
  why,
  promote,
  demote,
  revoke,
  confirmIdentity,
  userStatus,
  blockUser,
  unblockUser,
  listWhitelist,
  addToWhitelist,
  removeFromWhitelist,
  getSetting,
  setSetting,
  resetSetting,
  confirmCommand,
]

/** The first words of commands, with what somebody hears who may run none of those under one. */
export const GROUPS: Readonly<Record<string, { title: string; denial(texts: Texts): string }>> = {
  audit: { title: 'Audit log commands', denial: (texts) => texts.denied.viewAudit },
  role: { title: 'Role commands', denial: (texts) => texts.denied.roles },
  user: { title: 'User commands', denial: (texts) => texts.denied.users },
  whitelist: { title: 'Whitelist commands', denial: (texts) => texts.denied.whitelist },
}

/** The usage line, without the prefix: `role promote <account> <role>`. */
export function usageOf(command: Command): string {
  return [...command.words, ...Object.values(command.arguments).map(({ placeholder }) => placeholder)].join(' ')
}

export const commandName = (command: Command): string => command.words.join(' ')

export const findCommand = (name: string): Command | undefined =>
  COMMANDS.find((command) => commandName(command) === name)

/** The command that words begin with. */
export const commandAt = (words: readonly string[]): Command | undefined =>
  COMMANDS.find((command) => command.words.every((word, index) => word === words[index]))

/** The commands that begin with these words and that the role may run. */
export function permitted(role: EffectiveRole, words: readonly string[] = []): Command[] {
  return COMMANDS.filter(
    (command) => atLeast(role, command.role) && words.every((word, index) => command.words[index] === word),
  )
}

export const HELP_ROLE: Role = 'USER'
