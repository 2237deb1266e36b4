/** How Hyper-V's firmware names a VMBus device: a hardware vendor node with two GUIDs as its data. */

import { decode, field, guid, struct } from "../../layout/index.ts";
import type { DevicePathNode } from "./node.ts";
import { checkNode } from "./node.ts";

/**
 * Vendor of the node. Not part of any specification: taken from the public firmware sources (microsoft/mu_msvm,
 * MsvmPkg.dec, gEfiVmbusChannelDevicePathGuid), and seen in public boot logs of Hyper-V machines.
 */
export const VMBUS_CHANNEL_DEVICE_PATH = "9b17e5a2-0891-42dd-b653-80b5c22809ba";

/** The data of the node. */
export const vmbusChannel = struct("vmbusChannel", {
  interfaceType: field(guid, "class of the device"),
  interfaceInstance: field(guid, "instance of the device"),
});

/** Device classes, as in microsoft/mu_msvm, MsvmPkg.dec; the first three also in Linux, include/linux/hyperv.h. */
const classNames: Readonly<Record<string, string>> = {
  "ba6163d9-04a1-4d29-b605-72e2ffb1dc7f": "SCSI controller",
  "f8615163-df3e-46c5-913f-f2d2f965ed0e": "network adapter",
  "44c4f61d-4444-4400-9d52-802e27ede19f": "PCI pass-through",
  "c376c1c3-d276-48d2-90a9-c04748072c60": "VMBus file system",
  "f912ad6d-2b17-48ea-bd65-f927a61c7684": "keyboard",
  "da0a7802-e377-4aac-8e77-0558eb1073f8": "video",
};

/** A device on the VMBus. */
export interface VmbusDevice {
  /** GUID of the class. */
  readonly interfaceType: string;
  /** GUID of the instance. */
  readonly interfaceInstance: string;
  /** The class in words, or null when it is not known. */
  readonly className: string | null;
}

/** The VMBus device that a node names, or null when it names something else. */
export function vmbusDevice(node: DevicePathNode): VmbusDevice | null {
  checkNode(node, "node");
  if (node.kind !== "vendorHardware" || node.value.vendor !== VMBUS_CHANNEL_DEVICE_PATH) return null;
  if (node.value.data.length !== vmbusChannel.size) return null;
  const channel = decode(vmbusChannel, node.value.data);
  return { ...channel, className: classNames[channel.interfaceType] ?? null };
}
