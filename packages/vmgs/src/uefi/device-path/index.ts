/** Device paths: bytes, values and text. */
export {
  type DevicePath,
  type DevicePathListReading,
  type DevicePathReading,
  devicePathOf,
  devicePathToJson,
  encodeDevicePath,
  readDevicePath,
  readDevicePaths,
} from "./device-path.ts";
export { eisaIdName, eisaIdNumber } from "./eisa-id.ts";
export { VMBUS_CHANNEL_DEVICE_PATH, type VmbusDevice, vmbusChannel, vmbusDevice } from "./hyper-v.ts";
export { HardDriveSignature } from "./media-nodes.ts";
export {
  type DevicePathNode,
  type KnownNode,
  type NodeKinds,
  nodeKinds,
  type UnknownNode,
} from "./node.ts";
export { DevicePathType, type NodeKind, nodeHeader } from "./node-kind.ts";
export { devicePathText, parseDevicePath } from "./path-text.ts";
export type { NodeText } from "./text-argument.ts";
