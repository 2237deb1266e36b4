/** `vmgs.files/1`. */

import { checkList, checkText, having } from "../../arguments/index.ts";
import type { Warning } from "../../errors/index.ts";
import { fileIdName } from "../../format/index.ts";
import type { BootEffect, GuestFileProblem, GuestFileReading } from "../../guest/index.ts";
import type { Json } from "../../layout/index.ts";
import { checkOpening } from "../checks.ts";
import { fileWords } from "../words/files.ts";
import { guestFileWords } from "../words/guest-files.ts";
import type { Problem } from "./problem.ts";

/** A file of a store, and what it says. Never a secret. */
export interface ShownFile {
  readonly fileId: number;
  /** Null for an ID without a name. */
  readonly name: string | null;
  readonly bytes: number;
  readonly encrypted: boolean;
  /** Whether it is what the format says; null when it was not read. */
  readonly valid: boolean | null;
  /** What it says, by names of its own; null when it was not or can't be read. Text is untrusted. */
  readonly facts: { readonly [name: string]: Json } | null;
  /** The same in a line. */
  readonly words: string;
  readonly problems: readonly GuestFileProblem[];
  /** What a boot does with it; null when it was not read. */
  readonly boot: BootEffect | null;
}

/** The files of a store in words. */
export interface FilesDocument {
  readonly schema: "vmgs.files/1";
  /** The store, as the caller named it. */
  readonly file: string;
  /** In the order of their IDs. */
  readonly files: readonly ShownFile[];
  /** Notices about opening the store. */
  readonly warnings: readonly Warning[];
  /** Why there are no files. */
  readonly error: Problem | null;
}

/** A file as it lies in the store, and its reading where there is one. */
export interface FoundFile {
  readonly fileId: number;
  readonly bytes: number;
  readonly encrypted: boolean;
  /** Null when it is not a guest file; `locked` when it can't be read without a key. */
  readonly reading: GuestFileReading | "locked" | null;
}

const checkFoundFile = having("fileId", "bytes", "encrypted", "reading");

/** What is reported of the files of a store. */
export function filesDocument(
  file: string,
  found: readonly FoundFile[],
  opening: Pick<FilesDocument, "warnings" | "error">,
): FilesDocument {
  checkText(file, "file");
  checkList(found, "found", checkFoundFile);
  checkOpening(opening, "opening");
  const { warnings, error } = opening;
  return { schema: "vmgs.files/1", file, files: found.map(shownFile), warnings, error };
}

function shownFile({ fileId, bytes, encrypted, reading }: FoundFile): ShownFile {
  const read = reading === "locked" ? null : reading;
  const name = fileIdName(fileId) ?? null;
  const meaning = name === null ? "unknown file" : fileWords[name].replace(/\.$/, "");
  return {
    fileId,
    name,
    bytes,
    encrypted,
    valid: read?.valid ?? null,
    facts: (read?.facts ?? null) as ShownFile["facts"],
    words:
      reading === "locked" ? "encrypted; a key is needed" : read === null ? meaning : guestFileWords(read),
    problems: read?.problems ?? [],
    boot: read?.boot ?? null,
  };
}
