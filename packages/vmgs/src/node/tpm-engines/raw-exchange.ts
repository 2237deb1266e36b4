/** One raw command, one raw reply, on a connection that carries nothing else. */

import { VmgsError } from "../../errors/index.ts";
import { announcedSize, MAX_MESSAGE, MESSAGE_HEADER_SIZE } from "../../tpm/index.ts";
import type { Connection, Wait } from "./connection.ts";

/**
 * Sends a command and takes its reply: as many bytes as its header says, and not one more.
 *
 * @throws VmgsError VMGS_TPM_REPLY, and as `Connection.take`
 */
export async function exchangeRaw(
  connection: Connection,
  command: Uint8Array,
  wait: Wait,
): Promise<Uint8Array<ArrayBuffer>> {
  connection.send(command);
  const header = await connection.take(MESSAGE_HEADER_SIZE, wait);
  const reply = new Uint8Array(announcedSize(header, wait.facts));
  reply.set(header);
  const rest = reply.length - MESSAGE_HEADER_SIZE;
  if (rest > 0) reply.set(await connection.take(rest, wait, MESSAGE_HEADER_SIZE), MESSAGE_HEADER_SIZE);
  refuseSurplus(connection, reply.length, wait);
  return reply;
}

/** @throws VmgsError VMGS_TPM_REPLY when more came than the reply */
export function refuseSurplus({ arrived }: Connection, size: number, { facts }: Wait): void {
  if (arrived === 0) return;
  const message = `the engine sends ${arrived} bytes more than its reply of ${size}`;
  throw new VmgsError("VMGS_TPM_REPLY", message, { ...facts, bytes: size + arrived, limit: MAX_MESSAGE });
}
