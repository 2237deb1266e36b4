/** What a datastore key is derived from, as files of the host. */

import { isVmgsError, Secret, VmgsError } from "vmgskit";
import { importTenantKey } from "vmgskit/guest";
import { nodeCipher } from "vmgskit/node";
import { deriveStoreKey, type StoreKeyDerivation, type StoreKeySources } from "vmgskit/protection";
import { derivationWords } from "vmgskit/report";
import type { CommandContext } from "./context.ts";
import type { OptionValues } from "./declaration/index.ts";
import { UsageError } from "./exit-codes.ts";
import type { HostFileRole } from "./host-files.ts";
import { InputLimit, readInput } from "./inputs.ts";
import { readKeyAt } from "./key-files.ts";
import { generationOf } from "./open-options.ts";
import { openDiskForReading } from "./reading.ts";

/**
 * Reads what the options name.
 *
 * @throws UsageError for `-`; VmgsError VMGS_TENANT_KEY, VMGS_TENANT_KEY_LOCKED, VMGS_KEY_LENGTH, VMGS_FILE_NOT_FOUND
 */
export async function readKeySources(
  context: CommandContext,
  options: OptionValues,
): Promise<StoreKeySources> {
  const { entry } = options;
  const tenantKey = await readTenantKey(context, options);
  const wrappedDesKey = await read(context, options, "wrappedDesKey", "the wrapped key");
  const gspSeed = await readSeed(context, options, "gspSeed");
  const hostSeed = await readSeed(context, options, "hostSeed");
  return {
    ...(tenantKey && { tenantKey }),
    ...(wrappedDesKey && { wrappedDesKey: rawOf(wrappedDesKey) }),
    ...(gspSeed && { gspSeed }),
    ...(hostSeed && { hostSeed }),
    ...((entry === "ingress" || entry === "egress") && { entries: [entry] }),
  };
}

type SourceOption = "tenantKey" | "wrappedDesKey" | "gspSeed" | "hostSeed" | "passphraseFile";

const FLAGS: Readonly<Record<SourceOption, string>> = {
  tenantKey: "--tenant-key",
  wrappedDesKey: "--wrapped-des-key",
  gspSeed: "--gsp-seed",
  hostSeed: "--host-seed",
  passphraseFile: "--passphrase-file",
};

function pathOf(options: OptionValues, name: SourceOption): string | undefined {
  const path = options[name] as string | undefined;
  // Standard input may be the content of the command already.
  if (path === "-") throw new UsageError(`${FLAGS[name]} needs a file, not standard input`);
  return path;
}

async function read(
  context: CommandContext,
  options: OptionValues,
  name: SourceOption,
  role: HostFileRole,
): Promise<Uint8Array | undefined> {
  const path = pathOf(options, name);
  if (path === undefined) return undefined;
  return readInput(context, { path, role, limit: InputLimit.certificate });
}

async function readTenantKey(context: CommandContext, options: OptionValues): Promise<CryptoKey | undefined> {
  const content = await read(context, options, "tenantKey", "the tenant key");
  if (content === undefined) return undefined;
  const line = await read(context, options, "passphraseFile", "the passphrase file");
  try {
    return await importTenantKey(content, line === undefined ? {} : { passphrase: firstLine(line) });
  } finally {
    content.fill(0);
    line?.fill(0);
  }
}

/** The bytes before the end of the first line. */
function firstLine(bytes: Uint8Array): Secret {
  const end = bytes.findIndex((byte) => byte === 0x0a || byte === 0x0d);
  return new Secret(end < 0 ? bytes : bytes.subarray(0, end));
}

async function readSeed(
  context: CommandContext,
  options: OptionValues,
  name: "gspSeed" | "hostSeed",
): Promise<Secret | undefined> {
  const path = pathOf(options, name);
  return path === undefined ? undefined : (await readKeyAt(context, path, FLAGS[name])).key;
}

const BASE64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;

/** Disk encryption settings hold the wrapped key as base64. */
function rawOf(content: Uint8Array): Uint8Array {
  const text = new TextDecoder("latin1").decode(content);
  if (!BASE64.test(text)) return content;
  return new Uint8Array(Buffer.from(text, "base64"));
}

/** Derives the keys of a store, and tries them on it. Reads only. */
export async function deriveFor(
  context: CommandContext,
  file: string,
  options: OptionValues,
  sources: StoreKeySources,
): Promise<StoreKeyDerivation> {
  await using disk = await openDiskForReading(context, file, options);
  return await deriveStoreKey(disk, sources, { cipher: nodeCipher, generation: generationOf(options) });
}

/**
 * The derived key that opens a store; undefined for a plain store, and for one that can't be opened: the command itself
 * says why.
 *
 * @throws VmgsError VMGS_WRONG_KEY when none opens it
 */
export async function derivedKey(
  context: CommandContext,
  file: string,
  options: OptionValues,
  sources: StoreKeySources,
): Promise<Secret | undefined> {
  let derivation: StoreKeyDerivation;
  try {
    derivation = await deriveFor(context, file, options, sources);
  } catch (error) {
    if (isVmgsError(error)) return undefined;
    throw error;
  }
  if (!derivation.encrypted) return undefined;
  const { opening } = derivation;
  if (opening === null) throw noneOpens(derivation);
  if (context.verbose) await context.stderr.write(`vmgs: ${derivationWords(derivation)}\n`);
  return opening.key;
}

/** The error of a store that no derived key opens. */
export function noneOpens(derivation: StoreKeyDerivation): VmgsError {
  return new VmgsError("VMGS_WRONG_KEY", derivationWords(derivation));
}
