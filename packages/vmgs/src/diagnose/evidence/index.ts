/** Gathering: everything that is read of a file before anything is judged. Steps without I/O, then pure reading. */
export { type ContainerEvidence, gatherContainer, MOST_SEARCHED, type PlacedHeader } from "./container.ts";
export { type FileEvidence, gatherFiles, type SlackEvidence } from "./files.ts";
export type { UefiEvidence } from "./firmware-files.ts";
export { type Gathered, type GatherOptions, gather } from "./gather.ts";
export {
  type GuestEvidence,
  interpretGuest,
  interpretTpm,
  protectionBy,
  readSmallFiles,
  type SmallFiles,
} from "./guest.ts";
export type { LeftoverEvidence, PlainLeftover } from "./leftovers.ts";
export { type FoundTable, gatherStore, type StoreEvidence } from "./store.ts";
export type { TpmEvidence } from "./tpm.ts";
export {
  type FirmwareEvidence,
  type FirmwareStop,
  firmwareStop,
  interpretFirmware,
} from "./uefi.ts";
export { gatherV1 } from "./v1.ts";
