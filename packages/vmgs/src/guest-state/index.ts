/**
 * One interface to guest state files of either version: version 1 of Windows and version 3 of OpenHCL.
 *
 * @packageDocumentation
 */
export {
  type AnyGuestState,
  type GuestState,
  guestStateVersion,
  guestStateVersionSync,
  openGuestState,
  openGuestStateSync,
  readVariables,
  type StoreGuestState,
  type SyncGuestState,
  type V1GuestState,
} from "./guest-state.ts";
