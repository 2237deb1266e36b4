/** `vmgs.migrate/1`. */

import { checkText, having } from "../../arguments/index.ts";
import type { Migration, NotMigrated } from "../../migration/index.ts";
import type { Generation } from "../../store/index.ts";
import { migrationNotes } from "../words/migration.ts";

/** A version 3 store with the UEFI variables of a version 1 file. */
export interface MigrateDocument {
  readonly schema: "vmgs.migrate/1";
  /** The version 1 file, as the caller named it. */
  readonly file: string;
  /** The new store, as the caller named it. */
  readonly out: string;
  readonly dryRun: boolean;
  /** Which copy of the data was read. */
  readonly generation: Generation;
  /** UEFI variables that come along. */
  readonly variables: number;
  /** Bytes of BIOS_NVRAM. */
  readonly bytes: number;
  readonly encrypted: boolean;
  /** What has no place in the new store. */
  readonly notMigrated: readonly NotMigrated[];
  /** What else to know, a sentence each. */
  readonly notes: readonly string[];
}

const checkMigration = having("variables", "list", "notMigrated");
const checkFacts = having("out", "dryRun", "generation", "encrypted");

/** What is reported of a migration, planned or done. */
export function migrateDocument(
  file: string,
  migration: Migration,
  facts: Pick<MigrateDocument, "out" | "dryRun" | "generation" | "encrypted">,
): MigrateDocument {
  checkText(file, "file");
  checkMigration(migration, "migration");
  checkFacts(facts, "facts");
  const { out, dryRun, generation, encrypted } = facts;
  const { variables, list, notMigrated } = migration;
  return {
    schema: "vmgs.migrate/1",
    file,
    out,
    dryRun,
    generation,
    variables,
    bytes: list.length,
    encrypted,
    notMigrated,
    notes: migrationNotes,
  };
}
