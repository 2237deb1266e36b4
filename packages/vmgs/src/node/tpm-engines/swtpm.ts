/** The socket of swtpm: raw commands and raw replies, and a control channel for power and state (spec: tpm, sockets). */

import { checkText, checkWhole, withMembers } from "../../arguments/index.ts";
import { VmgsError } from "../../errors/index.ts";
import { decode } from "../../layout/index.ts";
import {
  createTurns,
  encodeCommand,
  GetCapability,
  replyHeader,
  TPM_CAP,
  TPM_PT,
  TPM_RC,
  type TpmEngine,
  type TpmEngineAddress,
  type TpmEngineState,
  type TpmWaitOptions,
} from "../../tpm/index.ts";
import type { Connection, Wait } from "./connection.ts";
import { socketName } from "./names.ts";
import { exchangeRaw } from "./raw-exchange.ts";
import {
  checkTpmEngineOptions,
  createLine,
  DEFAULT_TIMEOUT,
  inTime,
  noAnswer,
  type TpmEngineOptions,
} from "./socket-engine.ts";
import { initialize, readState, stop, writeState } from "./swtpm-control.ts";

type Address = Extract<TpmEngineAddress, { kind: "swtpm" }>;

const checkAddress = withMembers({
  host: checkText,
  port: checkWhole,
  controlPort: (value, name) => {
    if (value !== null) checkWhole(value, name);
  },
});

/**
 * Connects to swtpm. A TPM that has no power yet is given it through the control channel; one that runs is left as it
 * is. swtpm serves one client at a time: while another client is connected, commands wait until they time out.
 *
 * @throws VmgsError VMGS_TPM_ENGINE, VMGS_TPM_TIMEOUT, VMGS_TPM_REPLY; VMGS_TPM_ENGINE_CANNOT when the TPM needs power
 * and the address has no control channel
 */
export async function openSwtpm(address: Address, options: TpmEngineOptions = {}): Promise<TpmEngine> {
  checkAddress(address, "address");
  checkTpmEngineOptions(options, "options");
  const { host, port, controlPort } = address;
  const { timeout = DEFAULT_TIMEOUT, signal } = options;
  const name = socketName("swtpm", host, port);
  const line = createLine({ name, host, port });
  const turns = createTurns();
  const control =
    controlPort === null
      ? undefined
      : createLine({
          name: `the control channel of ${name} on port ${controlPort}`,
          host,
          port: controlPort,
        });
  const controlled = <T>(
    what: string,
    { signal: given }: TpmWaitOptions,
    action: (channel: Connection, wait: Wait) => Promise<T>,
  ): Promise<T> => {
    if (control === undefined) {
      throw new VmgsError("VMGS_TPM_ENGINE_CANNOT", `${name} has no control channel to ${what} with`);
    }
    const message = `${control.name} did not answer when asked to ${what}`;
    return inTime({ turns, timeout, signal: given, message }, (wait) =>
      control.use(wait, (channel) => action(channel, wait)),
    );
  };
  const powerCycle = (options: TpmWaitOptions = {}) => controlled("restart", options, initialize);
  const close = async () => {
    line.close();
    control?.close();
  };
  const engine: TpmEngine = {
    name,
    execute: (command, { signal: given } = {}) =>
      inTime({ turns, timeout, signal: given, ...noAnswer(name, command) }, (wait) =>
        line.use(wait, (connection) => exchangeRaw(connection, command, wait)),
      ),
    ...(control && { powerCycle, state: stateOf(controlled) }),
    close,
    [Symbol.asyncDispose]: close,
  };
  try {
    if (!(await hasPower(engine, { signal }))) await controlled("start", { signal }, initialize);
  } catch (error) {
    await close();
    throw error;
  }
  return engine;
}

type Controlled = <T>(
  what: string,
  options: TpmWaitOptions,
  action: (channel: Connection, wait: Wait) => Promise<T>,
) => Promise<T>;

function stateOf(controlled: Controlled): TpmEngineState {
  return {
    format: "swtpm",
    save: (options = {}) => controlled("give its state", options, readState),
    restore: (state, options = {}) =>
      controlled("take a state", options, async (channel, wait) => {
        await stop(channel, wait);
        try {
          await writeState(channel, wait, state);
        } finally {
          await initialize(channel, wait);
        }
      }),
  };
}

/** Before Startup and in failure mode GetCapability answers otherwise: FAILURE means that there is no power. */
async function hasPower(engine: TpmEngine, options: TpmWaitOptions): Promise<boolean> {
  const property = TPM_PT.MANUFACTURER;
  const question = encodeCommand(GetCapability, {
    capability: TPM_CAP.TPM_PROPERTIES,
    property,
    propertyCount: 1,
  });
  const { responseCode } = decode(replyHeader, await engine.execute(question, options));
  return responseCode !== TPM_RC.FAILURE;
}
