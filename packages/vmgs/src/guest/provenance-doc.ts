/** PROVENANCE_DOC (16): who made the store, signed (spec: guest-files, 4). */

import { checkBytes } from "../arguments/index.ts";
import { findChainBreak, readX509, rsaCryptoKeyOf, type X509Certificate } from "../certificate/index.ts";
import { FileId } from "../format/index.ts";
import { type GuestFileProblem, type GuestFileReading, lengthProblem, sound, unreadable } from "./reading.ts";

/** A certificate of the chain. Text is untrusted. */
export interface ProvenanceCertificate {
  readonly subject: string;
  readonly issuer: string;
  /** ISO 8601. The boot does not look at the dates. */
  readonly notBefore: string;
  /** ISO 8601 */
  readonly notAfter: string;
  /** SHA-256 of the DER in hex. */
  readonly sha256: string;
}

/** What PROVENANCE_DOC says. Text is untrusted. */
export interface ProvenanceDocFacts {
  /** GUID of the store that it was signed for. */
  readonly vmgsid: string;
  /** Signer as did:x509, by the hash of the root and the common name of the leaf. */
  readonly signer: string;
  /** Leaf first. The last one is checked against no trust list. */
  readonly chain: readonly ProvenanceCertificate[];
}

/** More than any document. */
const MAX_DOCUMENT = 1_048_576;
const MAX_CHAIN = 16;

/** Reads and verifies PROVENANCE_DOC. A boot takes one that is not valid as absent. */
export async function readProvenanceDoc(bytes: Uint8Array): Promise<GuestFileReading<ProvenanceDocFacts>> {
  checkBytes(bytes, "bytes");
  const { PROVENANCE_DOC } = FileId;
  const found = await verify(bytes);
  if ("code" in found) return unreadable(PROVENANCE_DOC, bytes, found, { outcome: "ignored" });
  return sound(PROVENANCE_DOC, bytes, found);
}

async function verify(bytes: Uint8Array): Promise<ProvenanceDocFacts | GuestFileProblem> {
  const long = lengthProblem(bytes, 0, MAX_DOCUMENT);
  if (long !== null) return long;
  const text = textOf(bytes);
  if (text === null) return { code: "not-text", message: "is not UTF-8" };
  if (!COMPACT.test(text)) {
    return { code: "jwt-parts", message: "is not a compact JWT: three parts in base64url without padding" };
  }
  const chain = await readChain(text);
  if ("code" in chain) return chain;
  const commonName = chain[0]?.fields?.commonName ?? null;
  if (commonName === null) return { code: "no-common-name", message: "has a leaf without a common name" };
  const vmgsid = await readBody(text, chain[0]?.der ?? new Uint8Array(0));
  if (typeof vmgsid !== "string") return vmgsid;
  const root = chain.at(-1)?.sha256 ?? "";
  const signer = `did:x509:0:sha256:${root}:subject:${commonName}`;
  return { vmgsid, signer, chain: chain.flatMap(certificateFacts) };
}

const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function certificateFacts({ fields, sha256 }: X509Certificate): ProvenanceCertificate[] {
  if (fields === null) return [];
  const { subject, issuer, notBefore, notAfter } = fields;
  const dates = { notBefore: notBefore.toISOString(), notAfter: notAfter.toISOString() };
  return [{ subject, issuer, ...dates, sha256 }];
}

/** The certificates of the header, each issued by the next. */
async function readChain(text: string): Promise<X509Certificate[] | GuestFileProblem> {
  const x5c = await readHeader(text);
  if ("code" in x5c) return x5c;
  if (x5c.length === 0) return { code: "chain-empty", message: "has no certificates" };
  if (x5c.length > MAX_CHAIN) {
    return { code: "chain-too-long", message: `has ${x5c.length} certificates, above ${MAX_CHAIN}` };
  }
  const ders = x5c.map(fromBase64);
  const chain = await Promise.all(ders.map((der) => readX509(der ?? new Uint8Array(0))));
  const broken = await findChainBreak(chain.map(({ der }) => der));
  const unreadableAt = chain.findIndex(({ problem }) => problem !== null);
  if (unreadableAt >= 0 || broken?.reason === "unreadable") {
    const index = unreadableAt >= 0 ? unreadableAt : (broken?.index ?? 0);
    return { code: "certificate", message: `has a certificate that can't be read (number ${index + 1})` };
  }
  if (broken === null) return chain;
  const message = `has a certificate that was not issued by the next one (number ${broken.index + 1})`;
  return { code: "chain-issuer", message };
}

async function readHeader(text: string): Promise<string[] | GuestFileProblem> {
  const { decodeProtectedHeader } = await import("jose");
  const unreadableHeader = { code: "jwt-header", message: "has a header that can't be read" } as const;
  let header: { alg?: unknown; x5c?: unknown };
  try {
    header = decodeProtectedHeader(text);
  } catch {
    return unreadableHeader;
  }
  if (header.alg !== "RS256") return { code: "jwt-algorithm", message: "is not signed with RS256" };
  const { x5c } = header;
  const isText = (value: unknown): value is string => typeof value === "string";
  return Array.isArray(x5c) && x5c.every(isText) ? x5c : unreadableHeader;
}

/** The VMGSID of a body whose signature is that of the leaf. */
async function readBody(text: string, leaf: Uint8Array): Promise<string | GuestFileProblem> {
  const wrongSignature = {
    code: "signature",
    message: "has a signature that the leaf did not make",
  } as const;
  const key = await rsaCryptoKeyOf(leaf, "RSASSA-PKCS1-v1_5");
  if (key === null) return { code: "certificate", message: "has a leaf without an RSA key" };
  const { compactVerify } = await import("jose");
  let payload: Uint8Array;
  try {
    ({ payload } = await compactVerify(text, key, { algorithms: ["RS256"] }));
  } catch {
    return wrongSignature;
  }
  return vmgsidOf(payload);
}

function vmgsidOf(payload: Uint8Array): string | GuestFileProblem {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
  } catch {
    return { code: "jwt-body", message: "has a body that is not JSON" };
  }
  const vmgsid = typeof body === "object" && body !== null && "VMGSID" in body ? body.VMGSID : undefined;
  if (typeof vmgsid !== "string") return { code: "jwt-body", message: "names no VMGSID" };
  if (GUID.test(vmgsid)) return vmgsid.toLowerCase();
  return { code: "vmgsid", message: "has a VMGSID that is not a GUID" };
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The bytes of base64 text, or null. */
function fromBase64(text: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}
