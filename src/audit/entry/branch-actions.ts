/**
 * Entries with which a trail leaves another one that has its beginning, its name and its key, and may go on too: the one that
 * a backup was made of, or the file that it was moved from. They stay for good.
 */
export const BRANCH_ACTIONS: readonly string[] = ['AUDIT_BACKUP_RESTORED', 'AUDIT_MOVED']
