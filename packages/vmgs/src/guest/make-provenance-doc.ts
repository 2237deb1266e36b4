/** Making a PROVENANCE_DOC (16): what a provisioning service leaves in a store (spec: guest-files, 4). */

import { type Check, checkBytes, checkObject, checkText, eachOf } from "../arguments/index.ts";
import { VmgsError } from "../errors/index.ts";
import { readProvenanceDoc } from "./provenance-doc.ts";

/** What a provenance document is made of. */
export interface ProvenanceParts {
  /** GUID of the store that it is for. */
  readonly vmgsid: string;
  /** Private key of the leaf, of `importSigningKey`. */
  readonly signingKey: CryptoKey;
  /** Certificates in DER, leaf first, each issued by the next. */
  readonly chain: readonly Uint8Array[];
}

const checkChain: Check = eachOf(checkBytes);

/**
 * A signed provenance document; what a boot would not take as valid is not made.
 *
 * @returns content of PROVENANCE_DOC
 * @throws VmgsError VMGS_TENANT_CERTIFICATE when key and chain give no valid document
 */
export async function makeProvenanceDoc(parts: ProvenanceParts): Promise<Uint8Array> {
  checkObject(parts, "parts", "vmgsid", "signingKey", "chain");
  const { vmgsid, signingKey, chain } = parts;
  checkText(vmgsid, "vmgsid");
  checkChain(chain, "chain");
  const { CompactSign } = await import("jose");
  const body = new TextEncoder().encode(JSON.stringify({ VMGSID: vmgsid }));
  const x5c = chain.map((der) => btoa(Array.from(der, (byte) => String.fromCharCode(byte)).join("")));
  let text: string;
  try {
    text = await new CompactSign(body).setProtectedHeader({ alg: "RS256", x5c }).sign(signingKey);
  } catch {
    // What the library says may describe the key.
    throw new VmgsError("VMGS_TENANT_CERTIFICATE", "the signing key can't sign with RS256");
  }
  const bytes = new TextEncoder().encode(text);
  const [problem] = (await readProvenanceDoc(bytes)).problems;
  if (problem === undefined) return bytes;
  throw new VmgsError("VMGS_TENANT_CERTIFICATE", `the document would not be valid: it ${problem.message}`);
}
