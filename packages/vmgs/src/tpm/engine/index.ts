/** Engines: what executes TPM commands. The interface, addresses and recordings; sockets and devices need Node. */
export { parseTpmEngineAddress, TPM_ENGINE_FORMS, type TpmEngineAddress } from "./address.ts";
export type { TpmEngine, TpmEngineState, TpmWaitOptions } from "./engine.ts";
export { announcedSize, nameCommand, type TpmErrorKind, tpmErrorKind } from "./failures.ts";
export { recordedTpmEngine, recordingTpmEngine, type TpmExchange } from "./recorded.ts";
export { createTurns, type Turns, unlessAborted } from "./turns.ts";
