/** Appending to a signature database: what is there already is not put there again (UEFI 2.10, section 8.2). */

import { checkBytes } from "../../arguments/index.ts";
import { toHex } from "../../layout/index.ts";
import { encodeSignatureLists, readSignatureLists, type SignatureList } from "./signature-list.ts";

/** What is left to append, and how much of it was there. */
export interface NewSignatures {
  /** Signature lists with the signatures that are new; empty when there are none. */
  readonly data: Uint8Array;
  /** Number of signatures in `data`. */
  readonly added: number;
  /** Number of signatures that the database has already, or that came twice. */
  readonly known: number;
}

/**
 * The signatures of `given` that `existing` does not have. Two are the same when type, owner and data are.
 *
 * @throws LayoutError when one of them is not made of signature lists
 */
export function newSignatures(existing: Uint8Array, given: Uint8Array): NewSignatures {
  checkBytes(existing, "existing");
  checkBytes(given, "given");
  const known = new Set(allLists(existing).flatMap(identities));
  const lists: SignatureList[] = [];
  let seen = 0;
  for (const list of allLists(given)) {
    const names = identities(list);
    const signatures = list.signatures.filter((_, index) => {
      const name = names[index] as string;
      if (known.has(name)) return false;
      known.add(name);
      return true;
    });
    seen += list.signatures.length - signatures.length;
    if (signatures.length > 0) lists.push({ ...list, signatures });
  }
  const added = lists.reduce((sum, { signatures }) => sum + signatures.length, 0);
  return { data: encodeSignatureLists(lists), added, known: seen };
}

function allLists(data: Uint8Array): readonly SignatureList[] {
  const { lists, problem } = readSignatureLists(data);
  if (problem !== null) throw problem;
  return lists;
}

const identities = ({ type, signatures }: SignatureList) =>
  signatures.map(({ owner, data }) => `${type} ${owner} ${toHex(data)}`);
