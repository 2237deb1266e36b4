/** EFI_SIGNATURE_LIST: what PK, KEK, db, dbx and their kin hold (UEFI 2.10, section 32.4.1). */

import { checkBytes, checkList, checkText, oneOf, withMembers } from "../../arguments/index.ts";
import {
  amount,
  bytesOf,
  copyBytes,
  decode,
  field,
  guid,
  LayoutError,
  rest,
  Sink,
  struct,
  u32,
  untilEnd,
  window,
} from "../../layout/index.ts";

/** The 28 bytes that each list begins with. */
export const signatureListHeader = struct("signatureListHeader", {
  signatureType: field(guid, "type of all signatures of the list"),
  signatureListSize: field(u32, "bytes of the list, this header included"),
  signatureHeaderSize: field(u32, "bytes of the header of the type; 0 for all known types"),
  signatureSize: field(u32, "bytes of each signature, its owner included"),
});

/** Bytes of `signatureListHeader`. */
export const SIGNATURE_LIST_HEADER_SIZE = 28;

const OWNER_SIZE = 16;

/** One signature: its owner, and data in all bytes that follow. The list gives each signature its size. */
export const signatureData = struct("signature", {
  owner: field(guid, "who added it"),
  data: field(rest, "hash, certificate or key"),
});
/** One signature. Do not change the bytes. */
export interface Signature {
  /** GUID of who added it. */
  readonly owner: string;
  /** Hash, certificate or key. */
  readonly data: Uint8Array;
}

const signatureBytes = amount({ signatureListSize: 1, signatureHeaderSize: -1 }, -SIGNATURE_LIST_HEADER_SIZE);

/** A whole list. */
export const signatureListStruct = struct("signatureList", {
  ...signatureListHeader.fields,
  header: field(bytesOf(amount({ signatureHeaderSize: 1 })), "header of the type"),
  signatures: field(
    window(signatureBytes, untilEnd(window(amount({ signatureSize: 1 }), signatureData))),
    "signatures",
  ),
});

/** Types of signatures by GUID (UEFI 2.10, section 32.4.1). */
export const SignatureType = {
  SHA256: "c1c41626-504c-4092-aca9-41f936934328",
  RSA2048: "3c5766e8-269c-4e34-aa14-ed776e85b3b6",
  RSA2048_SHA256: "e2b36190-879b-4a3d-ad8d-f2e7bba32784",
  SHA1: "826ca512-cf10-4ac9-b187-be01496631bd",
  RSA2048_SHA1: "67f8444f-8743-48f1-a328-1eaab8736080",
  X509: "a5c059a1-94e4-4aa7-87b5-ab155c2bf072",
  SHA224: "0b6e5233-a65c-44c9-9407-d9ab83bfc8bd",
  SHA384: "ff3e5307-9fd0-48c9-85f1-8ad56c701e01",
  SHA512: "093e0fae-a6c4-4f50-9f1b-d41e2b89c19a",
  X509_SHA256: "3bd2a492-96c0-4079-b420-fcf98ef103ed",
  X509_SHA384: "7076876e-80c2-4ee6-aad2-28b349a6865b",
  X509_SHA512: "446dbf63-2502-4cda-bcfa-2465d2b0fe9d",
  SM3: "57347f87-7a9b-403a-b93c-dc4afb7a0ebc",
  X509_SM3: "60d807e5-10b4-49a9-9331-e40437888d37",
  PKCS7: "4aafd29d-68df-49ee-8aa9-347d375665a7",
  EXTERNAL_MANAGEMENT: "452e8ced-dfff-4b8c-ae01-5118862e682c",
} as const;

/** Name of a type of signature that has one. */
export type SignatureTypeName = keyof typeof SignatureType;

const checkTypeName = oneOf(Object.keys(SignatureType));

const typeNames = new Map<string, SignatureTypeName>(
  Object.entries(SignatureType).map(([name, type]) => [type, name as SignatureTypeName]),
);

/** One list: signatures of one type and size. */
export interface SignatureList {
  /** GUID of the type. */
  readonly type: string;
  /** Name of the type, or null when it has none. */
  readonly typeName: SignatureTypeName | null;
  /** Header of the type; empty for all known types. */
  readonly header: Uint8Array;
  /** Bytes of each signature, its owner included. */
  readonly signatureSize: number;
  readonly signatures: readonly Signature[];
}

/** The lists of a variable, and what is left when there is something else. */
export interface SignatureListsReading {
  readonly lists: readonly SignatureList[];
  /** Bytes after the last list that could be read. */
  readonly rest: Uint8Array;
  /** Why the rest could not be read; null when there is none. */
  readonly problem: LayoutError | null;
}

/** Reads lists up to the end. Never throws for bad bytes. */
export function readSignatureLists(data: Uint8Array): SignatureListsReading {
  checkBytes(data, "data");
  const lists: SignatureList[] = [];
  let offset = 0;
  try {
    while (offset < data.length) {
      const { list, size } = readSignatureList(data, offset);
      lists.push(list);
      offset += size;
    }
  } catch (error) {
    if (!(error instanceof LayoutError)) throw error;
    return { lists, rest: copyBytes(data, offset), problem: error.within(`signatureLists[${lists.length}]`) };
  }
  return { lists, rest: new Uint8Array(0), problem: null };
}

function readSignatureList(data: Uint8Array, offset: number): { list: SignatureList; size: number } {
  const { signatureType, signatureListSize, signatureHeaderSize, signatureSize } = decode(
    signatureListHeader,
    data,
    offset,
  );
  const left = data.length - offset;
  const fail = (message: string) => new LayoutError(message, offset);
  if (signatureListSize > left) throw fail(`the list has ${signatureListSize} bytes, ${left} are left`);
  const signaturesSize = signatureListSize - SIGNATURE_LIST_HEADER_SIZE - signatureHeaderSize;
  if (signaturesSize < 0) throw fail(`the list has ${signatureListSize} bytes, its headers alone more`);
  if (signaturesSize > 0 && signatureSize < OWNER_SIZE) {
    throw fail(`a signature has ${signatureSize} bytes, its owner alone ${OWNER_SIZE}`);
  }
  if (signaturesSize > 0 && signaturesSize % signatureSize !== 0) {
    throw fail(`${signaturesSize} bytes are not a whole number of signatures of ${signatureSize} bytes`);
  }
  const { header, signatures } = decode(signatureListStruct, data, offset);
  const typeName = typeNames.get(signatureType) ?? null;
  return {
    list: { type: signatureType, typeName, header, signatureSize, signatures },
    size: signatureListSize,
  };
}

const checkSignatureList = withMembers({ header: checkBytes, signatures: checkList });

/**
 * The bytes of lists. What was read is written back byte for byte; give `rest` again when there was any.
 *
 * @throws LayoutError when a signature does not have the size of its list.
 */
export function encodeSignatureLists(
  lists: readonly SignatureList[],
  unread: Uint8Array = new Uint8Array(0),
): Uint8Array<ArrayBuffer> {
  checkList(lists, "lists", checkSignatureList);
  checkBytes(unread, "unread");
  const sink = new Sink(1024);
  for (const { type, header, signatureSize, signatures } of lists) {
    signatureListStruct.encode(sink, {
      signatureType: type,
      signatureListSize: SIGNATURE_LIST_HEADER_SIZE + header.length + signatures.length * signatureSize,
      signatureHeaderSize: header.length,
      signatureSize,
      header,
      signatures,
    });
  }
  sink.append(unread);
  return sink.finish();
}

/**
 * A list of signatures of one type and owner, all of the same size.
 *
 * @throws LayoutError when the sizes differ.
 */
export function signatureListOf(
  typeName: SignatureTypeName,
  owner: string,
  data: readonly Uint8Array[],
): SignatureList {
  checkTypeName(typeName, "typeName");
  checkText(owner, "owner");
  checkList(data, "data", checkBytes);
  const signatureSize = OWNER_SIZE + (data[0]?.length ?? 0);
  if (data.some(({ length }) => length !== signatureSize - OWNER_SIZE)) {
    throw new LayoutError("the signatures of a list have different sizes", 0);
  }
  return {
    type: SignatureType[typeName],
    typeName,
    header: new Uint8Array(0),
    signatureSize,
    signatures: data.map((bytesOfOne) => ({ owner: owner.toLowerCase(), data: bytesOfOne })),
  };
}
