/** The tenant's RSA private key as people keep it: PEM or DER, PKCS#8 or PKCS#1, encrypted or not. */

import type { Sequence } from "asn1js";
import { checkBytes, optionsOf } from "../arguments/index.ts";
import { VmgsError } from "../errors/index.ts";
import { copyBytes } from "../layout/index.ts";
import { checkSecret, type Secret } from "../secret/index.ts";
import { decryptTraditionalPem } from "./traditional-pem.ts";

/** RSA-OAEP as key protectors use it (spec: guest-files, 2). */
export const RSA_OAEP = { name: "RSA-OAEP", hash: "SHA-256" } as const;

/** How a private key is read. */
export interface TenantKeyOptions {
  /** Passphrase of an encrypted key, as its bytes. */
  readonly passphrase?: Secret;
}

const checkOptions = optionsOf({ passphrase: checkSecret });

/** More than the largest RSA key in PEM. */
const MAX_KEY_FILE = 65_536;
/** More would keep a processor busy for minutes. */
const MAX_ITERATIONS = 2_000_000;
const PBES2 = "1.2.840.113549.1.5.13";
const RSA_ENCRYPTION = "1.2.840.113549.1.1.1";

/**
 * Imports the tenant's RSA private key: PEM or DER, PKCS#8 or PKCS#1. Encrypted: PKCS#8 with PBES2 (PBKDF2 and
 * AES-CBC), and the traditional PEM of OpenSSL with AES-CBC.
 *
 * @throws VmgsError VMGS_TENANT_KEY; VMGS_TENANT_KEY_LOCKED without the right passphrase. No message quotes the key.
 */
export async function importTenantKey(
  content: Uint8Array,
  options: TenantKeyOptions = {},
): Promise<CryptoKey> {
  checkBytes(content, "content");
  checkOptions(options, "options");
  return importRsaKey(content, options.passphrase, { algorithm: RSA_OAEP, use: "decrypt" });
}

/** RS256, which signs provenance documents (spec: guest-files, 4). */
const RS256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as const;

/**
 * Imports an RSA private key that signs provenance documents, in the forms of `importTenantKey`.
 *
 * @throws VmgsError VMGS_TENANT_KEY; VMGS_TENANT_KEY_LOCKED without the right passphrase. No message quotes the key.
 */
export async function importSigningKey(
  content: Uint8Array,
  options: TenantKeyOptions = {},
): Promise<CryptoKey> {
  checkBytes(content, "content");
  checkOptions(options, "options");
  return importRsaKey(content, options.passphrase, { algorithm: RS256, use: "sign" });
}

interface RsaUse {
  readonly algorithm: RsaHashedImportParams;
  readonly use: "decrypt" | "sign";
}

async function importRsaKey(
  content: Uint8Array,
  passphrase: Secret | undefined,
  { algorithm, use }: RsaUse,
): Promise<CryptoKey> {
  if (content.length > MAX_KEY_FILE) {
    throw refused(`${content.length} bytes are above the ${MAX_KEY_FILE} of a private key`);
  }
  const pkcs8 = await pkcs8Of(await derOf(content, passphrase), passphrase);
  try {
    return await crypto.subtle.importKey("pkcs8", copyBytes(pkcs8), algorithm, false, [use]);
  } catch {
    // What WebCrypto says may quote the key.
    throw refused("the private key is not an RSA private key");
  } finally {
    pkcs8.fill(0);
  }
}

const PEM = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----\r?\n([\s\S]*?)-----END \1-----/;

/** The DER of a PEM text; bytes that are not PEM as they are. */
async function derOf(content: Uint8Array, passphrase: Secret | undefined): Promise<Uint8Array> {
  const text = new TextDecoder("latin1").decode(content);
  if (!text.includes("-----BEGIN ")) return content;
  const [, , body] = PEM.exec(text) ?? [];
  if (body === undefined) throw refused("the PEM text has no private key");
  // Headers as in RFC 1421 come before an empty line; DEK-Info names the cipher.
  const [, headers = "", base64 = ""] = /^((?:[\w-]+:.*\r?\n)*)([\s\S]*)$/.exec(body) ?? [];
  const der = fromBase64(base64);
  const [, cipher, iv] = /^DEK-Info:\s*([\w-]+),([0-9A-Fa-f]+)\s*$/m.exec(headers) ?? [];
  if (cipher === undefined || iv === undefined) return der;
  if (passphrase === undefined) throw locked(MISSING);
  const opened = await decryptTraditionalPem(der, { cipher, iv, passphrase });
  if (opened === "unknownCipher") throw refused(`private keys encrypted with ${cipher} are not read`);
  if (opened === null) throw locked(WRONG);
  return opened;
}

function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text.replaceAll(/\s/g, "")), (char) => char.charCodeAt(0));
  } catch {
    throw refused("the PEM text is not base64");
  }
}

/** The unencrypted PKCS#8 of any of the structures, which are distinguished by their first members. */
async function pkcs8Of(der: Uint8Array, passphrase: Secret | undefined): Promise<Uint8Array> {
  const asn1 = await import("asn1js");
  const result = parsed(asn1.fromBER, der);
  const [first, second] = result instanceof asn1.Sequence ? result.valueBlock.value : [];
  if (first instanceof asn1.Sequence) return decryptPkcs8(result as Sequence, passphrase);
  if (!(first instanceof asn1.Integer)) throw refused("the private key is neither PKCS#8 nor PKCS#1");
  return second instanceof asn1.Integer ? wrapPkcs1(der) : der.slice();
}

/** Values that ASN.1 does not allow, such as a malformed time, are thrown by the parser. */
function parsed(fromBER: typeof import("asn1js").fromBER, der: Uint8Array) {
  try {
    return fromBER(copyBytes(der)).result;
  } catch {
    throw refused("the private key is neither PKCS#8 nor PKCS#1");
  }
}

async function wrapPkcs1(der: Uint8Array): Promise<Uint8Array> {
  const asn1 = await import("asn1js");
  const { AlgorithmIdentifier, PrivateKeyInfo } = await import("pkijs");
  const algorithm = { algorithmId: RSA_ENCRYPTION, algorithmParams: new asn1.Null() };
  const info = new PrivateKeyInfo({
    privateKeyAlgorithm: new AlgorithmIdentifier(algorithm),
    privateKey: new asn1.OctetString({ valueHex: copyBytes(der).buffer }),
  });
  return new Uint8Array(info.toSchema().toBER());
}

async function decryptPkcs8(sequence: Sequence, passphrase: Secret | undefined): Promise<Uint8Array> {
  const asn1 = await import("asn1js");
  const { AlgorithmIdentifier, EncryptedContentInfo, EncryptedData, PBES2Params, PBKDF2Params } =
    await import("pkijs");
  const [schema, encrypted] = sequence.valueBlock.value;
  if (!(encrypted instanceof asn1.OctetString)) throw refused("the private key is neither PKCS#8 nor PKCS#1");
  const unsupported = refused("the private key is encrypted, but not with PBES2, PBKDF2 and AES-CBC");
  let contentEncryptionAlgorithm: InstanceType<typeof AlgorithmIdentifier>;
  try {
    contentEncryptionAlgorithm = new AlgorithmIdentifier({ schema });
    if (contentEncryptionAlgorithm.algorithmId !== PBES2) throw unsupported;
    const { keyDerivationFunc } = new PBES2Params({ schema: contentEncryptionAlgorithm.algorithmParams });
    const { iterationCount } = new PBKDF2Params({ schema: keyDerivationFunc.algorithmParams });
    if (!(iterationCount <= MAX_ITERATIONS))
      throw refused("the key derivation of the private key takes too long");
  } catch (error) {
    throw error instanceof VmgsError ? error : unsupported;
  }
  if (passphrase === undefined) throw locked(MISSING);
  const encryptedContentInfo = new EncryptedContentInfo({
    contentType: "1.2.840.113549.1.7.1",
    contentEncryptionAlgorithm,
    encryptedContent: encrypted,
  });
  try {
    const data = new EncryptedData({ encryptedContentInfo });
    return new Uint8Array(await data.decrypt({ password: copyBytes(passphrase.expose()).buffer }));
  } catch {
    throw locked(WRONG);
  }
}

const MISSING = "the private key is encrypted, and no passphrase was given";
const WRONG = "the passphrase does not decrypt the private key";

const refused = (message: string) => new VmgsError("VMGS_TENANT_KEY", message);
const locked = (message: string) => new VmgsError("VMGS_TENANT_KEY_LOCKED", message);
