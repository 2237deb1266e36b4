/**
 * From a version 1 file of Windows to a version 3 store.
 *
 * @packageDocumentation
 */
export {
  type MigrateOptions,
  type Migration,
  type NotMigrated,
  planMigration,
  writeMigration,
} from "./migrate.ts";
