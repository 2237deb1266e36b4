/** A migration from a version 1 file to a version 3 store, for people. */

import { type Check, having } from "../../arguments/index.ts";
import { describeFileId, FileId } from "../../format/index.ts";
import { documentOf } from "../checks.ts";
import type { MigrateDocument } from "../documents/migrate.ts";
import { list, section, type View } from "../view.ts";
import { notMigratedWords } from "../words/migration.ts";
import { formatCount, formatSize } from "../words/sizes.ts";

const checkSchema = documentOf("vmgs.migrate/1");
const checkMembers = having("out", "notMigrated", "notes");
const checkDocument: Check = (value, name) => {
  checkSchema(value, name);
  checkMembers(value, name);
};

/** What came along, and what did not. */
export function migrateView(document: MigrateDocument): View {
  checkDocument(document, "document");
  const { out, dryRun, variables, bytes, encrypted, notMigrated, notes } = document;
  const held = `${formatCount(variables, "variable")} in ${describeFileId(FileId.BIOS_NVRAM)}, ${formatSize(bytes)}`;
  return {
    place: out,
    headline: `${dryRun ? "would hold " : ""}${held}${encrypted ? ", encrypted" : ""}`,
    sections: [
      ...section("Left behind", list(notMigrated.map(notMigratedWords))),
      ...section("Notes", list(notes)),
    ],
  };
}
