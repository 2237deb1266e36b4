/** An engine that answers from a recording, and one that makes recordings. */

import { checkBytes, checkCallback, checkList, checkText, withMembers } from "../../arguments/index.ts";
import { VmgsError } from "../../errors/index.ts";
import { toHex } from "../../layout/index.ts";
import { checkEngine, checkExecute, type TpmEngine } from "./engine.ts";
import { nameCommand } from "./failures.ts";

/** A command and its reply. A command may hold authorization values: treat recordings as secrets. */
export interface TpmExchange {
  readonly command: Uint8Array;
  readonly reply: Uint8Array;
}

const checkExchange = withMembers({ command: checkBytes, reply: checkBytes });

/**
 * An engine that gives the recorded replies to exactly the recorded commands, in their order.
 * Any other command is a failure of the engine (VMGS_TPM_ENGINE) and leaves the recording where it was.
 */
export function recordedTpmEngine(exchanges: readonly TpmExchange[], name = "recording"): TpmEngine {
  checkList(exchanges, "exchanges", checkExchange);
  checkText(name, "name");
  let next = 0;
  const fail = (command: Uint8Array, message: string) =>
    new VmgsError("VMGS_TPM_ENGINE", `${name}: ${message}`, nameCommand(command).facts);
  const close = async () => undefined;
  return {
    name,
    async execute(command, options = {}) {
      checkExecute(command, options);
      options.signal?.throwIfAborted();
      const exchange = exchanges[next];
      const given = nameCommand(command).name;
      if (exchange === undefined) {
        throw fail(command, `it ends after ${exchanges.length} commands, and now comes ${given}`);
      }
      if (toHex(command) !== toHex(exchange.command)) {
        const recorded = nameCommand(exchange.command).name;
        const differs = recorded === given ? `${given} with other values` : `${given} instead of ${recorded}`;
        throw fail(command, `command ${next + 1} is ${differs}`);
      }
      next++;
      return exchange.reply.slice();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * Passes everything on to `engine`, and gives each exchange to `record` once it is complete. What is recorded may hold
 * authorization values.
 */
export function recordingTpmEngine(engine: TpmEngine, record: (exchange: TpmExchange) => void): TpmEngine {
  checkEngine(engine, "engine");
  checkCallback(record, "record");
  const { powerCycle, state } = engine;
  return {
    name: engine.name,
    async execute(command, options = {}) {
      checkExecute(command, options);
      const reply = await engine.execute(command, options);
      record({ command: command.slice(), reply: reply.slice() });
      return reply;
    },
    ...(powerCycle && { powerCycle: (options) => powerCycle.call(engine, options) }),
    ...(state && { state }),
    close: () => engine.close(),
    [Symbol.asyncDispose]: () => engine.close(),
  };
}
