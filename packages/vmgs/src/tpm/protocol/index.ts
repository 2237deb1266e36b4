/** The TPM 2.0 wire protocol and its constants. Knows bytes, no engine and no store. */
export {
  algorithmField,
  algorithmName,
  curveField,
  curveName,
  TPM_ALG,
  TPM_ECC_CURVE,
} from "./algorithms.ts";
export { MAX_MESSAGE, MAX_NV_BUFFER } from "./buffers.ts";
export { type CapabilityData, TPM_CAP, TPM_PT } from "./capabilities.ts";
export type {
  AnyCommand,
  Command,
  CommandValues,
  NoFields,
  ReplyValues,
} from "./command.ts";
export { type CommandName, commandName, TPM_CC } from "./command-codes.ts";
export {
  ChangeEPS,
  ChangePPS,
  Clear,
  ClearControl,
  CreatePrimary,
  commands,
  EvictControl,
  FlushContext,
  GetCapability,
  Import,
  Load,
  NV_DefineSpace,
  NV_Read,
  NV_ReadPublic,
  NV_UndefineSpace,
  NV_Write,
  PCR_Allocate,
  ReadPublic,
  SelfTest,
  Shutdown,
  Startup,
  TPM_SU,
} from "./commands.ts";
export { decodeGuestSecretKey, type GuestSecretKey, guestSecretKey } from "./guest-secret-key.ts";
export {
  describeHandle,
  handleName,
  handleType,
  NvIndexHandle,
  PersistentHandle,
  TPM_HT,
  TPM_RH,
} from "./handles.ts";
export {
  commandHeader,
  MESSAGE_HEADER_SIZE,
  replyHeader,
  TPM_ST,
} from "./message-layout.ts";
export {
  type DecodedCommand,
  decodeCommand,
  decodeReply,
  encodeCommand,
  encodeRefusal,
  encodeReply,
  type Reply,
} from "./messages.ts";
export { nvIndexName, objectName, primaryQualifiedName } from "./names.ts";
export {
  describeNvAttributes,
  nvAttributesField,
  nvIndexType,
  nvIndexTypeName,
  ownerAkCertAttributes,
  platformAkCertAttributes,
  TPM_NT,
  TPMA_NV,
} from "./nv-attributes.ts";
export { type NvPublic, nvPublic } from "./nv-public.ts";
export { akAttributes, ekAttributes, srkAttributes, TPMA_OBJECT } from "./object-attributes.ts";
export { PCR_BANK, type PcrSelection, pcrAllocation } from "./pcr-selection.ts";
export {
  eccScheme,
  kdfScheme,
  keyedHashScheme,
  type PublicArea,
  publicArea,
  type RsaPublicArea,
  rsaExponent,
  rsaScheme,
  symmetricDefinition,
} from "./public-area.ts";
export { describeResponseCode, type ResponseCode, type ResponseSubject, TPM_RC } from "./response-code.ts";
export { akTemplate, ekTemplate, srkTemplate } from "./templates.ts";
