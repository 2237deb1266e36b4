/** Keys of old generations: which extended file tables can still be decrypted (spec: encryption). Holds secrets. */

import { VmgsError } from "../errors/index.ts";
import { BLOCK_SIZE, FileId, isEmptyKeySlot } from "../format/index.ts";
import { Secret } from "../secret/index.ts";
import { KEY_SIZE, type Steps, unseal } from "../steps/index.ts";
import type { FileKey } from "../store/index.ts";
import { parseExtendedFileTable, unsealExtendedFileTable } from "../store/rooms.ts";
import type { GenerationReading, Survey } from "./survey.ts";

/** How an extended file table was opened. */
export type OpenedBy = "datastoreKey" | "zeroMetadataKey";

/** The keys of one generation's files. */
export interface GenerationKeys {
  readonly openedBy: OpenedBy;
  readonly fileKeys: ReadonlyMap<number, FileKey>;
}

export interface OldKeys {
  /** By the generation whose table leads to them; those that can't be opened are missing. */
  readonly byGeneration: ReadonlyMap<GenerationReading, GenerationKeys>;
  /** Key slots that the datastore key opened. */
  readonly openedSlots: number;
}

/**
 * Tries every metadata key that is left in a header, valid or not, on the extended file table of every generation, and
 * the key of zeros of the known flaw, which needs no datastore key.
 *
 * @throws VmgsError VMGS_WRONG_KEY when a datastore key is given, there are key slots, and it opens none of them
 */
export function* findOldKeys(survey: Survey, datastoreKey?: Secret): Steps<OldKeys> {
  const metadataKeys = datastoreKey === undefined ? [] : yield* unwrapAll(survey, datastoreKey);
  const zero = new Secret(new Uint8Array(KEY_SIZE));
  const byGeneration = new Map<GenerationReading, GenerationKeys>();
  for (const generation of survey.generations) {
    const record = generation.table.files.get(FileId.EXTENDED_FILE_TABLE);
    if (record === undefined || record.byteLength !== BLOCK_SIZE) continue;
    for (const metadataKey of [...metadataKeys, zero]) {
      const table = yield* unsealExtendedFileTable(record, metadataKey);
      if (table === null) continue;
      const fileKeys = parseExtendedFileTable(table, generation.table.files);
      table.fill(0);
      byGeneration.set(generation, {
        openedBy: metadataKey.isZero() ? "zeroMetadataKey" : "datastoreKey",
        fileKeys,
      });
      break;
    }
  }
  return { byGeneration, openedSlots: metadataKeys.length };
}

/** Every metadata key that the datastore key unwraps. */
function* unwrapAll({ headers, strayHeaders }: Survey, datastoreKey: Secret): Steps<Secret[]> {
  const readings = [...headers, ...strayHeaders.map(({ reading }) => reading)];
  const slots = readings.flatMap(({ header }) => header.metadataKeys).filter((slot) => !isEmptyKeySlot(slot));
  const found: Secret[] = [];
  for (const { nonce, encryptedMetadataKey, authenticationTag } of slots) {
    const sealed = new Uint8Array([...encryptedMetadataKey, ...authenticationTag]);
    const metadataKey = yield* unseal(datastoreKey, nonce, sealed);
    if (metadataKey !== null) found.push(new Secret(metadataKey));
  }
  if (slots.length > 0 && found.length === 0) {
    throw new VmgsError("VMGS_WRONG_KEY", "the key opens no key slot of any header that is left");
  }
  return found;
}
