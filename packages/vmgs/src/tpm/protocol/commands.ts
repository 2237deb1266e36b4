/** The commands with which a virtual TPM is provisioned, declared (TPM 2.0 Part 3; the section is with each). */

import { field, sizedValue, struct, u8, u16be, u32be } from "../../layout/index.ts";
import { algorithmField } from "./algorithms.ts";
import { tpm2b, tpm2bDigest, tpm2bName, tpm2bNvBuffer } from "./buffers.ts";
import { capabilityData } from "./capabilities.ts";
import { type AnyCommand, command } from "./command.ts";
import { describeHandle } from "./handles.ts";
import { tpm2bNvPublic } from "./nv-public.ts";
import { pcrSelections } from "./pcr-selection.ts";
import { symmetricDefinition, tpm2bPublic } from "./public-area.ts";

const handle = (meaning: string) => field(u32be, meaning, { words: describeHandle });
const yesNo = (meaning: string) => field(u8, `1 = ${meaning}`);

/** TPM_SU: for Startup, forget or restore what Shutdown kept; for Shutdown, what to keep (Part 2, section 6.10). */
export const TPM_SU = { CLEAR: 0, STATE: 1 } as const;

/** Section 9.3 */
export const Startup = command("Startup", { parameters: { startupType: field(u16be, "TPM_SU") } });

/** Section 9.4 */
export const Shutdown = command("Shutdown", { parameters: { shutdownType: field(u16be, "TPM_SU") } });

/** Section 10.2 */
export const SelfTest = command("SelfTest", { parameters: { fullTest: yesNo("test everything again") } });

/** Section 30.2 */
export const GetCapability = command("GetCapability", {
  parameters: {
    capability: field(u32be, "TPM_CAP"),
    property: field(u32be, "first value that is asked for"),
    propertyCount: field(u32be, "how many at most"),
  },
  replyParameters: {
    moreData: yesNo("there are more values"),
    capabilityData: field(capabilityData, "values"),
  },
});

/** Section 24.7 */
export const ClearControl = command("ClearControl", {
  authorized: true,
  handles: { authHandle: handle("lockout or platform") },
  parameters: { disable: yesNo("forbid the owner's Clear") },
});

/** Section 24.6 */
export const Clear = command("Clear", {
  authorized: true,
  handles: { authHandle: handle("lockout or platform") },
});

/** Section 24.5 */
export const ChangeEPS = command("ChangeEPS", {
  authorized: true,
  handles: { authHandle: handle("platform") },
});

/** Section 24.4 */
export const ChangePPS = command("ChangePPS", {
  authorized: true,
  handles: { authHandle: handle("platform") },
});

/** Section 22.5 */
export const PCR_Allocate = command("PCR_Allocate", {
  authorized: true,
  handles: { authHandle: handle("platform") },
  parameters: { pcrAllocation: field(pcrSelections, "the banks that are wanted") },
  replyParameters: {
    allocationSuccess: yesNo("done at the next start"),
    maxPcr: field(u32be, "PCRs of a bank"),
    sizeNeeded: field(u32be, "bytes that the banks need"),
    sizeAvailable: field(u32be, "bytes that there are"),
  },
});

const names = {
  name: field(tpm2bName, "name"),
  qualifiedName: field(tpm2bName, "name with all ancestors"),
};

/** Section 12.4 */
export const ReadPublic = command("ReadPublic", {
  handles: { objectHandle: handle("object") },
  replyParameters: { outPublic: field(tpm2bPublic, "public area"), ...names },
});

const sensitiveCreate = struct("TPMS_SENSITIVE_CREATE", {
  userAuth: field(tpm2bDigest, "authorization value of the new object", { secret: true }),
  data: field(tpm2b, "data to seal, or nothing", { secret: true }),
});

const creationData = struct("TPMS_CREATION_DATA", {
  pcrSelect: field(pcrSelections, "PCRs at creation"),
  pcrDigest: field(tpm2bDigest, "digest of those PCRs"),
  locality: field(u8, "TPMA_LOCALITY at creation"),
  parentNameAlg: field(u16be, "name algorithm of the parent", algorithmField),
  parentName: field(tpm2bName, "name of the parent"),
  parentQualifiedName: field(tpm2bName, "qualified name of the parent"),
  outsideInfo: field(tpm2b, "what the caller gave"),
});

const ticket = struct("TPMT_TK_CREATION", {
  tag: field(u16be, "TPM_ST_CREATION"),
  hierarchy: handle("hierarchy of the object"),
  digest: field(tpm2bDigest, "HMAC of the TPM"),
});

/** Section 24.1 */
export const CreatePrimary = command("CreatePrimary", {
  authorized: true,
  handles: { primaryHandle: handle("hierarchy") },
  parameters: {
    inSensitive: field(sizedValue(u16be, sensitiveCreate), "secrets of the new object"),
    inPublic: field(tpm2bPublic, "template"),
    outsideInfo: field(tpm2b, "anything, for the creation data"),
    creationPcr: field(pcrSelections, "PCRs for the creation data"),
  },
  replyHandles: { objectHandle: handle("the new object, transient") },
  replyParameters: {
    outPublic: field(tpm2bPublic, "public area"),
    creationData: field(sizedValue(u16be, creationData), "circumstances of the creation"),
    creationHash: field(tpm2bDigest, "digest of them"),
    creationTicket: field(ticket, "proof that this TPM made it"),
    name: field(tpm2bName, "name"),
  },
});

/** Section 28.5: makes a transient object persistent, or removes a persistent one. */
export const EvictControl = command("EvictControl", {
  authorized: true,
  handles: { auth: handle("owner or platform"), objectHandle: handle("object") },
  parameters: { persistentHandle: handle("its persistent handle") },
});

/** Section 28.4 */
export const FlushContext = command("FlushContext", {
  parameters: { flushHandle: handle("transient object or session") },
});

/** Section 31.3 */
export const NV_DefineSpace = command("NV_DefineSpace", {
  authorized: true,
  handles: { authHandle: handle("owner or platform") },
  parameters: {
    auth: field(tpm2bDigest, "authorization value of the index", { secret: true }),
    publicInfo: field(tpm2bNvPublic, "the index"),
  },
});

/** Section 31.4 */
export const NV_UndefineSpace = command("NV_UndefineSpace", {
  authorized: true,
  handles: { authHandle: handle("owner or platform"), nvIndex: handle("index") },
});

/** Section 31.6 */
export const NV_ReadPublic = command("NV_ReadPublic", {
  handles: { nvIndex: handle("index") },
  replyParameters: {
    nvPublic: field(tpm2bNvPublic, "the index"),
    nvName: field(tpm2bName, "its name"),
  },
});

/** Section 31.7 */
export const NV_Write = command("NV_Write", {
  authorized: true,
  handles: { authHandle: handle("owner, platform or the index itself"), nvIndex: handle("index") },
  parameters: {
    data: field(tpm2bNvBuffer, "data"),
    offset: field(u16be, "bytes from the start of the index"),
  },
});

/** Section 31.13 */
export const NV_Read = command("NV_Read", {
  authorized: true,
  handles: { authHandle: handle("owner, platform or the index itself"), nvIndex: handle("index") },
  parameters: {
    size: field(u16be, "bytes to read"),
    offset: field(u16be, "bytes from the start of the index"),
  },
  replyParameters: { data: field(tpm2bNvBuffer, "data") },
});

/** Section 13.3 */
export const Import = command("Import", {
  authorized: true,
  handles: { parentHandle: handle("new parent") },
  parameters: {
    encryptionKey: field(tpm2b, "key of the inner wrapper, or nothing", { secret: true }),
    objectPublic: field(tpm2bPublic, "public area"),
    duplicate: field(tpm2b, "TPM2B_PRIVATE, encrypted for the new parent"),
    inSymSeed: field(tpm2b, "TPM2B_ENCRYPTED_SECRET, encrypted for the new parent"),
    symmetricAlg: field(symmetricDefinition, "cipher of the inner wrapper"),
  },
  replyParameters: { outPrivate: field(tpm2b, "TPM2B_PRIVATE under the new parent") },
});

/** Section 12.2 */
export const Load = command("Load", {
  authorized: true,
  handles: { parentHandle: handle("parent") },
  parameters: {
    inPrivate: field(tpm2b, "TPM2B_PRIVATE"),
    inPublic: field(tpm2bPublic, "public area"),
  },
  replyHandles: { objectHandle: handle("the loaded object, transient") },
  replyParameters: { name: field(tpm2bName, "its name") },
});

/** Every command that is declared. */
export const commands: readonly AnyCommand[] = [
  Startup,
  Shutdown,
  SelfTest,
  GetCapability,
  ClearControl,
  Clear,
  ChangeEPS,
  ChangePPS,
  PCR_Allocate,
  ReadPublic,
  CreatePrimary,
  EvictControl,
  FlushContext,
  NV_DefineSpace,
  NV_UndefineSpace,
  NV_ReadPublic,
  NV_Write,
  NV_Read,
  Import,
  Load,
];
