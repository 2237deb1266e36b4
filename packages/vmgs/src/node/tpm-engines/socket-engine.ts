/** What swtpm and the Microsoft simulator have in common: a socket that is opened when it is needed, and given up on. */

import { checkSignal, checkWhole, optionsOf } from "../../arguments/index.ts";
import type { ErrorFacts } from "../../errors/index.ts";
import { nameCommand, type TpmWaitOptions, type Turns } from "../../tpm/index.ts";
import { type Connection, type Endpoint, openConnection, type Wait } from "./connection.ts";
import { startDeadline } from "./deadline.ts";

/** How an engine is opened. */
export interface TpmEngineOptions extends TpmWaitOptions {
  /** How long one command may take, in milliseconds; 60,000 by default: a slow TPM needs that to make an RSA key. */
  readonly timeout?: number | undefined;
}

export const checkTpmEngineOptions = optionsOf({
  timeout: checkWhole,
  signal: checkSignal,
});

/** Milliseconds that one command may take. */
export const DEFAULT_TIMEOUT = 60_000;

/** A connection that is opened at the first use, and again after a failure. */
export interface Line {
  readonly name: string;
  /** Runs one exchange; when that fails in any way, the connection is closed, because the next bytes can't be known. */
  use<T>(wait: Wait, exchange: (connection: Connection) => Promise<T>): Promise<T>;
  /** The connection, if there is one. */
  readonly open: Connection | undefined;
  close(): void;
}

/** A line to an endpoint; nothing is connected yet. */
export function createLine(endpoint: Endpoint): Line {
  let connection: Connection | undefined;
  const close = () => {
    connection?.close();
    connection = undefined;
  };
  return {
    name: endpoint.name,
    async use(wait, exchange) {
      // What came unasked belongs to nothing; what was closed in between is opened again.
      if (connection !== undefined && (connection.ended || connection.arrived > 0)) close();
      try {
        connection ??= await openConnection(endpoint, wait);
        return await exchange(connection);
      } catch (error) {
        close();
        throw error;
      }
    },
    get open() {
      return connection;
    },
    close,
  };
}

export interface TurnOptions {
  readonly turns: Turns;
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
  /** Who does not answer what, should it come to that. */
  readonly message: string;
  readonly facts?: ErrorFacts;
}

/** Runs something in its turn and in its time; the action itself ends when its signal is aborted. */
export function inTime<T>(
  { turns, timeout, signal, message, facts }: TurnOptions,
  action: (wait: Wait) => Promise<T>,
): Promise<T> {
  return turns(async () => {
    using deadline = startDeadline({ milliseconds: timeout, signal, message, ...(facts && { facts }) });
    return await action({ signal: deadline.signal, ...(facts && { facts }) });
  }, signal);
}

/** The message and the facts of a command that is not answered. */
export function noAnswer(engine: string, command: Uint8Array): { message: string; facts: ErrorFacts } {
  const { name, facts } = nameCommand(command);
  return { message: `${engine} did not answer ${name}`, facts };
}
