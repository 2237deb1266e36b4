/** A TCP connection that is read in exact portions. */

import { connect, type Socket } from "node:net";
import { type ErrorFacts, VmgsError } from "../../errors/index.ts";

/** Where a connection goes. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** For messages: `swtpm://127.0.0.1:2321`. */
  readonly name: string;
}

/** An open connection. Any failure of a wait leaves it unusable: close it. */
export interface Connection {
  /**
   * The next `size` bytes.
   *
   * @param already bytes of the same reply that came before, for the message
   * @throws VmgsError VMGS_TPM_ENGINE, VMGS_TPM_REPLY when it was closed in the middle; the reason of the signal
   */
  take(size: number, wait: Wait, already?: number): Promise<Uint8Array>;
  /** Sends bytes. */
  send(bytes: Uint8Array): void;
  /** Bytes that have arrived and were not taken yet. */
  readonly arrived: number;
  /** Whether the other end has closed it, or it failed. */
  readonly ended: boolean;
  close(): void;
}

/** What bounds a wait, and what its errors name. */
export interface Wait {
  readonly signal: AbortSignal;
  readonly facts?: ErrorFacts;
}

/**
 * Connects.
 *
 * @throws VmgsError VMGS_TPM_ENGINE, or the reason of the signal
 */
export async function openConnection(endpoint: Endpoint, wait: Wait): Promise<Connection> {
  const { name, host, port } = endpoint;
  wait.signal.throwIfAborted();
  const socket = connect({ host, port, noDelay: true });
  let failure: Error | undefined;
  socket.on("error", (error) => {
    failure ??= error;
  });
  const change = watch(socket);
  try {
    while (socket.connecting) await change(wait.signal);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  if (failure !== undefined) {
    const message = `${name} can't be reached: ${failure.message}`;
    throw new VmgsError("VMGS_TPM_ENGINE", message, wait.facts, { cause: failure });
  }
  const isOver = () => socket.destroyed || socket.readableEnded;
  return {
    send: (bytes) => {
      socket.write(bytes);
    },
    async take(size, { signal, facts }, already = 0) {
      for (;;) {
        // At the end of the stream this is what is left, however little.
        const bytes = socket.read(size) as Buffer | null;
        if (bytes?.length === size) return bytes;
        const got = already + (bytes?.length ?? 0);
        if (got > already || (isOver() && got > 0)) throw cut(name, got, already + size, facts);
        if (isOver()) throw gone(name, failure, facts);
        await change(signal);
      }
    },
    get arrived() {
      return socket.readableLength;
    },
    get ended() {
      return isOver();
    },
    close: () => socket.destroy(),
  };
}

function cut(name: string, got: number, wanted: number, facts: ErrorFacts | undefined): VmgsError {
  const message = `${name} closed the connection after ${got} of ${wanted} bytes of its reply`;
  return new VmgsError("VMGS_TPM_REPLY", message, { ...facts, bytes: got, limit: wanted });
}

function gone(name: string, failure: Error | undefined, facts: ErrorFacts | undefined): VmgsError {
  const why = failure === undefined ? "closed the connection without a reply" : `failed: ${failure.message}`;
  return new VmgsError("VMGS_TPM_ENGINE", `${name} ${why}`, facts, { cause: failure });
}

/** Returns a wait for the next thing that happens to a socket. */
function watch(socket: Socket): (signal: AbortSignal) => Promise<void> {
  const wakes = new Set<() => void>();
  for (const event of ["connect", "readable", "end", "close", "error"]) {
    socket.on(event, () => {
      for (const wake of [...wakes]) wake();
    });
  }
  return (signal) =>
    new Promise((resolve, reject) => {
      const settle = (then: () => void) => {
        wakes.delete(wake);
        signal.removeEventListener("abort", abort);
        then();
      };
      const wake = () => settle(resolve);
      const abort = () => settle(() => reject(signal.reason));
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      wakes.add(wake);
      signal.addEventListener("abort", abort, { once: true });
    });
}
