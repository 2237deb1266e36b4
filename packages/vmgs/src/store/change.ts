/** What can be asked of a store. Several changes are planned and committed as one transaction. */

import {
  type Check,
  checkBytes,
  checkFlag,
  checkList,
  checkNumber,
  checkObject,
  having,
  oneOf,
  optional,
  withMembers,
} from "../arguments/index.ts";
import type { HeaderSlot } from "../format/index.ts";
import { checkSecret, type Secret } from "../secret/index.ts";
import type { BlockRun } from "./state.ts";

/** One change; several make a transaction. */
export type Change =
  | WriteChange
  | DeleteChange
  | MoveChange
  | RelocateChange
  | AddKeyChange
  | RemoveKeyChange
  | RemoveEncryptionChange
  | MarkReprovisionedChange
  | RenewTablesChange;

/** Gives a file new content. */
export interface WriteChange {
  readonly kind: "write";
  readonly fileId: number;
  /** Not copied: leave it alone until the transaction is done. */
  readonly content: Uint8Array;
  /** Encrypt it when the store is encrypted; in a store without encryption it is written plain all the same. */
  readonly encrypt?: boolean;
  /** Let a plain write replace an encrypted file. */
  readonly overwriteEncrypted?: boolean;
}

/** Removes a file. Its blocks become free; unless they are wiped, its bytes stay there until they are written again. */
export interface DeleteChange {
  readonly kind: "delete";
  readonly fileId: number;
}

/** Gives a file another ID; its data stay where they are. Onto itself, with `overwrite`, it changes nothing. */
export interface MoveChange {
  readonly kind: "move";
  readonly fileId: number;
  readonly to: number;
  /** Let it replace an existing file. */
  readonly overwrite?: boolean;
}

/** Writes the stored bytes of a file to other blocks, as they are. Needs no key. */
export interface RelocateChange {
  readonly kind: "relocate";
  readonly fileId: number;
}

/** Adds a datastore key; the first one begins encryption. The new key becomes the active one. */
export interface AddKeyChange {
  readonly kind: "addKey";
  readonly key: Secret;
}

/** Clears a key slot; clearing the last one ends encryption. */
export interface RemoveKeyChange {
  readonly kind: "removeKey";
  readonly keySlot: HeaderSlot;
}

/** Clears both key slots; no file may be encrypted any more. */
export interface RemoveEncryptionChange {
  readonly kind: "removeEncryption";
}

/** Sets or clears the header's `reprovisioned` marker. */
export interface MarkReprovisionedChange {
  readonly kind: "markReprovisioned";
  readonly value: boolean;
}

/**
 * Writes the file table anew as it stands, and the extended one when its keys are known or the store is plain: what
 * was wrong in them is then right, and a missing entry 63 is there.
 */
export interface RenewTablesChange {
  readonly kind: "renewTables";
  /** Blocks that must not be written though no file of the state owns them. */
  readonly avoid?: readonly BlockRun[];
}

const sealedOrPlain = { encrypt: optional(checkFlag), overwriteEncrypted: optional(checkFlag) };

const changeChecks: Readonly<Record<Change["kind"], Check>> = {
  write: withMembers({ fileId: checkNumber, content: checkBytes, ...sealedOrPlain }),
  delete: withMembers({ fileId: checkNumber }),
  move: withMembers({ fileId: checkNumber, to: checkNumber, overwrite: optional(checkFlag) }),
  relocate: withMembers({ fileId: checkNumber }),
  addKey: withMembers({ key: checkSecret }),
  removeKey: withMembers({ keySlot: oneOf([0, 1]) }),
  removeEncryption: having(),
  markReprovisioned: withMembers({ value: checkFlag }),
  renewTables: withMembers({ avoid: optional(checkList) }),
};

const checkKind = oneOf(Object.keys(changeChecks));

/** A change that a caller gives: its kind, and all that belongs to that kind. */
export const checkChange: Check = (value, name) => {
  checkObject(value, name, "kind");
  const { kind } = value as Change;
  checkKind(kind, `${name}.kind`);
  changeChecks[kind](value, name);
};
