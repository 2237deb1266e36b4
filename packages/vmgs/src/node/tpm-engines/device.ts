/** Linux TPM devices: one write is one command, one read is one response (spec: tpm, sockets). */

import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { checkText, withMembers } from "../../arguments/index.ts";
import { VmgsError } from "../../errors/index.ts";
import {
  announcedSize,
  createTurns,
  MAX_MESSAGE,
  MESSAGE_HEADER_SIZE,
  type TpmEngine,
  type TpmEngineAddress,
  unlessAborted,
} from "../../tpm/index.ts";
import { checkPath, fileError } from "../file-errors.ts";
import type { Wait } from "./connection.ts";
import {
  checkTpmEngineOptions,
  DEFAULT_TIMEOUT,
  inTime,
  noAnswer,
  type TpmEngineOptions,
} from "./socket-engine.ts";

type Address = Extract<TpmEngineAddress, { kind: "device" }>;

const checkAddress = withMembers({ path: checkText });

/** Milliseconds between two looks whether the reply is there: short at first, since most commands are. */
const FIRST_PAUSE = 1;
const LONGEST_PAUSE = 50;

/**
 * Opens a TPM device. `/dev/tpmrm0` shares the TPM with others through the kernel's resource manager, `/dev/tpm0` does
 * not. Only the machine can restart such a TPM.
 *
 * @throws VmgsError VMGS_FILE_NOT_FOUND, VMGS_ACCESS_DENIED, VMGS_IS_DIRECTORY, VMGS_IO, VMGS_TPM_ENGINE when it is busy
 * or no device
 */
export async function openTpmDevice(address: Address, options: TpmEngineOptions = {}): Promise<TpmEngine> {
  checkAddress(address, "address");
  checkTpmEngineOptions(options, "options");
  const { path } = address;
  const { timeout = DEFAULT_TIMEOUT, signal } = options;
  const name = `device:${path}`;
  const turns = createTurns();
  let handle: FileHandle | undefined = await openDevice(path);
  const close = async () => {
    const closing = handle;
    handle = undefined;
    await closing?.close();
  };
  signal?.throwIfAborted();
  return {
    name,
    execute: (command, { signal: given } = {}) =>
      inTime({ turns, timeout, signal: given, ...noAnswer(name, command) }, async (wait) => {
        handle ??= await openDevice(path);
        try {
          return await exchange(handle, name, command, wait);
        } catch (error) {
          // What is left of a reply must not be taken for the next one. An old kernel may still hold the handle.
          close().catch(() => undefined);
          throw error;
        }
      }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function openDevice(path: string): Promise<FileHandle> {
  checkPath(path);
  let handle: FileHandle;
  try {
    // Without waiting, so that a command that takes long can be given up on.
    handle = await open(path, constants.O_RDWR | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EBUSY") throw fileError(cause, path);
    throw new VmgsError("VMGS_TPM_ENGINE", `${path} is in use by another process`, { path }, { cause });
  }
  if ((await handle.stat()).isCharacterDevice()) return handle;
  await handle.close();
  throw new VmgsError("VMGS_TPM_ENGINE", `${path} is not a character device, so it is not a TPM`, { path });
}

async function exchange(
  handle: FileHandle,
  name: string,
  command: Uint8Array,
  wait: Wait,
): Promise<Uint8Array<ArrayBuffer>> {
  const fail = (doing: string) => (cause: NodeJS.ErrnoException) => {
    wait.signal.throwIfAborted();
    if (cause.code === "EAGAIN") return undefined;
    throw new VmgsError("VMGS_TPM_ENGINE", `${name}: ${doing} failed: ${cause.message}`, wait.facts, {
      cause,
    });
  };
  // Old kernels execute the command before they return.
  const writing = unlessAborted(handle.write(command), wait.signal);
  const written = await writing.catch(fail("sending the command"));
  if (written?.bytesWritten !== command.length) {
    const message = `${name} took ${written?.bytesWritten ?? 0} of ${command.length} bytes of the command`;
    throw new VmgsError("VMGS_TPM_ENGINE", message, wait.facts);
  }
  const buffer = new Uint8Array(MAX_MESSAGE + 1);
  let got = 0;
  for (let time = FIRST_PAUSE; ; ) {
    wait.signal.throwIfAborted();
    const reading = unlessAborted(handle.read(buffer, got, buffer.length - got), wait.signal);
    const read = await reading.catch(fail("reading the reply"));
    got += read?.bytesRead ?? 0;
    const size = got < MESSAGE_HEADER_SIZE ? undefined : announcedSize(buffer, wait.facts);
    if (size !== undefined && got > size) {
      const message = `${name} gives ${got} bytes, the header of its reply says ${size}`;
      throw new VmgsError("VMGS_TPM_REPLY", message, { ...wait.facts, bytes: got, limit: size });
    }
    if (got === size) return buffer.slice(0, got);
    await pause(time, undefined, { signal: wait.signal }).catch(() => wait.signal.throwIfAborted());
    time = Math.min(time * 2, LONGEST_PAUSE);
  }
}
