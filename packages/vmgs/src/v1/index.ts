/**
 * Version 1 files: the guest state that Windows keeps beside generation 2 VMs. A GPT with one partition, in it two
 * headers and two copies of JSON. The layout is not documented by its maker; docs/windows.md says what it is known from.
 * All text that comes from the data is untrusted: show it escaped.
 *
 * @packageDocumentation
 */
export { carveV1, readV1Remain, type V1Carving, type V1Remain } from "./carve.ts";
export {
  MAX_V1_DATA_BYTES,
  readV1Data,
  type V1Data,
  type V1DataProblem,
  type V1Device,
  type V1DeviceState,
  v1State,
  v1StateText,
} from "./data.ts";
export {
  compareV1States,
  describeV1,
  examineV1File,
  type InspectedGptCopy,
  type InspectedV1Copy,
  type InspectedV1Device,
  type InspectedV1Header,
  type InspectedV1Locator,
  inspectV1,
  type V1CopyReading,
  type V1Examination,
  type V1Inspection,
  type V1StateChange,
  v1Lists,
} from "./examine.ts";
export { openV1, openV1Sync, type V1File, type V1OpenOptions } from "./file.ts";
export {
  type GptEntry,
  type GptHeader,
  GUEST_STATE_PARTITION,
  gptEntry,
  gptHeader,
  protectiveMbr,
  V1_BLOCK_SIZE,
} from "./gpt-layout.ts";
export {
  V1_HEADER_SIZE,
  type V1Active,
  type V1Header,
  type V1HeaderOrder,
  type V1HeaderPair,
  type V1HeaderReading,
  type V1Index,
  type V1Locator,
  v1Header,
  v1Locator,
} from "./header.ts";
export { pictureV1, type V1Picture } from "./hexdump.ts";
export { type JsonPlace, MAX_JSON_DEPTH } from "./json-text.ts";
export type { Gpt, GptCopy, GuestStatePartition } from "./read-gpt.ts";
export type {
  V1Copy,
  V1CopyPlace,
  V1Generation,
  V1Layout,
  V1Survey,
} from "./survey.ts";
export type { V1Variables } from "./variables.ts";
export { planV1Write, type V1Write, writeV1 } from "./write.ts";
