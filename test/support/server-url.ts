import { inject } from 'vitest'

/** Where tests find a PostgreSQL, as a superuser: they make databases and roles of their own on it. */
export const serverUrl = (): string => inject('postgresUrl')
