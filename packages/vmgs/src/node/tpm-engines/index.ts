/**
 * TPM engines that need Node: the sockets of swtpm and of the Microsoft simulator, and Linux devices.
 *
 * @packageDocumentation
 */
export { openTpmDevice } from "./device.ts";
export { openMssim } from "./mssim.ts";
export { openTpmEngine } from "./open.ts";
export type { TpmEngineOptions } from "./socket-engine.ts";
export { openSwtpm } from "./swtpm.ts";
