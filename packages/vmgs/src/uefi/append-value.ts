/** Appending as firmware does it: a signature that a database has already is not put there again. */

import { checkBytes } from "../arguments/index.ts";
import { VmgsError } from "../errors/index.ts";
import { LayoutError } from "../layout/index.ts";
import { newSignatures } from "./signatures/index.ts";
import { valueShape } from "./values/index.ts";
import {
  type Appendix,
  appendVariable,
  getVariable,
  type Variable,
  type VariableList,
} from "./variables/index.ts";
import { checkVariableList } from "./variables/list.ts";
import { checkVariableKey } from "./variables/variable.ts";

/** What became of an appendix. */
export interface AppendResult {
  readonly list: VariableList;
  /** Bytes that were appended to the data. */
  readonly bytes: number;
  /** Signatures that were added, and that the variable had already; null for other variables. */
  readonly signatures: { readonly added: number; readonly known: number } | null;
}

/**
 * Appends bytes to the data of an existing variable; of signature lists only the signatures that it does not have
 * (UEFI 2.10, section 8.2: EFI_VARIABLE_APPEND_WRITE). The list is the same when nothing is new.
 *
 * @throws VmgsError as `appendVariable` does; VMGS_UEFI_VALUE when a signature database, or what is appended to it,
 * is not made of signature lists
 */
export function appendValue(list: VariableList, appendix: Appendix): AppendResult {
  checkVariableList(list, "list");
  checkVariableKey(appendix, "appendix");
  checkBytes(appendix.data, "appendix.data");
  const old = getVariable(list, appendix);
  if (old === null || valueShape(old) !== "signatureLists") {
    return { list: appendVariable(list, appendix), bytes: appendix.data.length, signatures: null };
  }
  const { data, added, known } = newOf(old, appendix);
  const changed = data.length === 0 ? list : appendVariable(list, { ...appendix, data });
  return { list: changed, bytes: data.length, signatures: { added, known } };
}

function newOf({ name, data: existing }: Variable, { data }: Appendix) {
  try {
    return newSignatures(existing, data);
  } catch (cause) {
    if (!(cause instanceof LayoutError)) throw cause;
    const message = `${JSON.stringify(name)}: signatures can't be appended: ${cause.message}`;
    throw new VmgsError("VMGS_UEFI_VALUE", message, cause.facts, { cause });
  }
}
