/** Actions: what can be done, as data. The command line writes one as a complete command; a page makes a button of it. */

import type { FileIdName } from "../format/index.ts";

/** A file of the store, by its name or number. `ID` in a declared action: the file that the finding is about. */
export type ActionFileId = FileIdName | number | "ID";

/**
 * What can be done with the file that a document is about. Where a key, a new file or a folder is needed, the renderer
 * names one: an action never holds a path or a secret.
 */
export type Action =
  /** Show headers, files, encryption, marker and block map. */
  | { readonly kind: "inspect"; readonly generation?: "previous"; readonly withKey?: boolean }
  /** Show the findings. */
  | { readonly kind: "doctor"; readonly withKey?: boolean; readonly container?: ActionContainer }
  /** Show what the next boot does. */
  | { readonly kind: "boot"; readonly container?: ActionContainer }
  /** Show the fields of the small files of the guest. */
  | { readonly kind: "show"; readonly withKey?: boolean }
  /** Show the generations that are still on the disk. */
  | { readonly kind: "history"; readonly files?: boolean; readonly container?: ActionContainer }
  /** Show the plan of repairs; with `apply`, carry it out after a backup. */
  | ({
      readonly kind: "repair";
      readonly apply?: boolean;
      /** Content is given up, and is saved before. */
      readonly save?: boolean;
      readonly withKey?: boolean;
      readonly withNewKey?: boolean;
      readonly container?: ActionContainer;
    } & RepairChoice)
  /** Save lost files into a new folder. */
  | { readonly kind: "carve"; readonly withKey?: boolean; readonly container?: ActionContainer }
  /** Read a file of the store into a new file. */
  | {
      readonly kind: "readFile";
      readonly fileId: ActionFileId;
      readonly generation?: "previous";
      readonly withKey?: boolean;
      readonly raw?: boolean;
    }
  /** Replace a file of the store by one of the host. */
  | {
      readonly kind: "writeFile";
      readonly fileId: ActionFileId;
      readonly form?: "plain" | "encrypted";
      readonly replace?: boolean;
      /** Overwrite unused space afterwards. */
      readonly wipe?: boolean;
      readonly withKey?: boolean;
    }
  /** Delete a file of the store. */
  | { readonly kind: "deleteFile"; readonly fileId: ActionFileId; readonly withKey?: boolean }
  /** Give a file of the store another ID. */
  | { readonly kind: "moveFile"; readonly from: ActionFileId; readonly to: ActionFileId }
  /** Make a new disk of another container or size from this store. `bytes`: size of the new store. */
  | {
      readonly kind: "convert";
      readonly to?: "vhd" | "raw";
      readonly bytes?: number | "BYTES";
      readonly moveFiles?: boolean;
      readonly container?: ActionContainer;
    }
  /** Do what a boot does to a blank or broken disk. */
  | {
      readonly kind: "provision";
      readonly lifetime?: "reprovision-on-failure" | "reprovision";
      /** Make a blank disk, as a host mints it. */
      readonly empty?: boolean;
    }
  | { readonly kind: "encrypt" }
  | { readonly kind: "decrypt" }
  /** Replace the datastore key; with `rewrite`, also the keys of the files. */
  | { readonly kind: "rekey"; readonly rewrite?: boolean }
  /** Go back to the previous generation. */
  | { readonly kind: "undo"; readonly withKey?: boolean }
  /** Clear free blocks and slack. */
  | { readonly kind: "wipe" }
  /** Show the bytes with the names of their fields. */
  | {
      readonly kind: "hexdump";
      readonly block?: number | "BLOCK";
      readonly fileId?: ActionFileId;
      readonly withKey?: boolean;
    }
  /** The exact bytes of the marker. */
  | { readonly kind: "rawMarker" }
  | { readonly kind: "listVariables"; readonly generation?: "previous"; readonly withKey?: boolean }
  /** Add certificates or signatures to a database of secure boot, or set it. */
  | {
      readonly kind: "setVariable";
      readonly name: "PK" | "KEK" | "db" | "dbx";
      readonly append?: boolean;
      readonly withKey?: boolean;
    }
  | { readonly kind: "showBootEntries"; readonly withKey?: boolean }
  | { readonly kind: "resetBootEntries"; readonly withKey?: boolean }
  | { readonly kind: "showSecureBoot"; readonly withKey?: boolean }
  | { readonly kind: "inspectTpm"; readonly withKey?: boolean }
  | { readonly kind: "repairTpm"; readonly withKey?: boolean }
  /** Read the certificate of the attestation key. */
  | { readonly kind: "readAkCertificate"; readonly withKey?: boolean }
  /** Read the data of a version 1 file: JSON. */
  | { readonly kind: "readV1Data" }
  /** Read a page of the built-in help. */
  | { readonly kind: "readTopic"; readonly topic: string };

/** A container other than the detected one. */
export interface ActionContainer {
  readonly kind?: "vhd" | "raw";
  readonly sectorSize?: 512 | 4096;
}

/** A decision that a repair waits for. */
export interface RepairChoice {
  readonly chooseHeader?: 0 | 1;
  readonly drop?: readonly ActionFileId[];
  /** Go back to the previous generation. */
  readonly goBack?: boolean;
}

/** An action with what it is good for. */
export interface OfferedAction {
  /** An imperative: `restore the VHD footer`. */
  readonly words: string;
  readonly action: Action;
}
