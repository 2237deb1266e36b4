import { describeFileId, fileIdName, isEncrypted, isWrittenEncrypted, parseFileId } from "vmgskit";
import { changedGuestFile, changeGuestFile, type GuestFileChange, readGuestFile } from "vmgskit/guest";
import { guestFileWords } from "vmgskit/report";
import { changeStore, reportNoChange } from "../changes.ts";
import {
  CHANGE_OPTIONS,
  type CommandDeclaration,
  DISK_OPTIONS,
  JSON_OPTION,
  KEY_OPTION,
  type OptionValues,
  storeArgument,
} from "../declaration/index.ts";
import { UsageError } from "../exit-codes.ts";
import { withWritableStore } from "../stores-for-change.ts";

export const set: CommandDeclaration = {
  name: "set",
  summary: "change the values in a small file of the guest",
  description:
    "Clears or sets a pending physical presence operation of the TPM, the guest watchdog, the hibernation token or the " +
    "skew of the guest's clock, in one transaction. The message names what the file said before. Operations 5, 14, 21 " +
    "and 22 clear the vTPM at the next boot: keys that are sealed to it, such as BitLocker's, are then lost.",
  args: [
    storeArgument,
    {
      name: "ID",
      meaning: "TPM_PPI, GUEST_WATCHDOG, HIBERNATION_TOKEN or RTC_SKEW, or its number",
      required: true,
      complete: () =>
        ["TPM_PPI", "GUEST_WATCHDOG", "HIBERNATION_TOKEN", "RTC_SKEW"].map((value) => ({
          value,
          meaning: `file ${parseFileId(value)}`,
        })),
    },
  ],
  options: [
    { flags: "--clear", meaning: "no pending operation, no failed boot, not hibernated" },
    { flags: "--operation <N>", meaning: "TPM_PPI: operation that the next boot carries out; 0 = none" },
    {
      flags: "--version <VERSION>",
      meaning: "HIBERNATION_TOKEN: hibernated under this firmware, such as 1.9",
    },
    {
      flags: "--milliseconds <N>",
      meaning: "RTC_SKEW: guest clock minus host clock; below 0 as --milliseconds=-5000",
    },
    ...CHANGE_OPTIONS,
    KEY_OPTION,
    ...DISK_OPTIONS,
    JSON_OPTION,
  ],
  examples: [
    { command: "vmgs set vm.vmgs TPM_PPI --clear", meaning: "forget a pending clear of the vTPM" },
    { command: "vmgs set vm.vmgs RTC_SKEW --milliseconds 3600000", meaning: "guest clock 1 h ahead" },
  ],
  async run(context, args, options) {
    const [file, name] = args as [string, string];
    const change = changeOf(parseFileId(name), options);
    const fileId = changedGuestFile(change);
    await withWritableStore(context, file, options, async (store, warnings) => {
      const current = store.state.files.has(fileId) ? await store.readFile(fileId) : null;
      const content = changeGuestFile(change, current);
      const same =
        current === null ? options.clear === true : Buffer.from(content).equals(Buffer.from(current));
      if (same) {
        await reportNoChange(context, store, { file, options, warnings });
        return;
      }
      const before = current === null ? "absent" : await wordsOf(fileId, current);
      await changeStore(context, store, {
        file,
        options,
        changes: [
          {
            kind: "write",
            fileId,
            content,
            encrypt: isEncrypted(store.state) && isWrittenEncrypted(store.state, fileId),
          },
        ],
        done: `set ${describeFileId(fileId)}: ${await wordsOf(fileId, content)}; before: ${before}`,
        warnings,
      });
    });
    return 0;
  },
};

async function wordsOf(fileId: number, content: Uint8Array): Promise<string> {
  const reading = await readGuestFile(fileId, content);
  return reading === null ? "" : guestFileWords(reading);
}

const SETTINGS = ["clear", "operation", "version", "milliseconds"] as const;

/** The one change that the options ask for. */
function changeOf(fileId: number, options: OptionValues): GuestFileChange {
  const given = SETTINGS.filter((name) => options[name] !== undefined);
  const [setting] = given;
  const name = fileIdName(fileId);
  if (given.length === 1) {
    if (name === "TPM_PPI" && setting === "clear") return { kind: "physicalPresence", operation: 0 };
    if (name === "TPM_PPI" && setting === "operation") {
      return { kind: "physicalPresence", operation: wholeNumber(options.operation as string, "--operation") };
    }
    if (name === "GUEST_WATCHDOG" && setting === "clear") return { kind: "clearWatchdog" };
    if (name === "HIBERNATION_TOKEN" && setting === "clear") return { kind: "hibernation", version: null };
    if (name === "HIBERNATION_TOKEN" && setting === "version") {
      return { kind: "hibernation", version: firmwareVersion(options.version as string) };
    }
    if (name === "RTC_SKEW" && setting === "milliseconds") {
      return { kind: "clock", skewMs: wholeNumber(options.milliseconds as string, "--milliseconds", true) };
    }
  }
  throw new UsageError(
    `${describeFileId(fileId)} can't be changed so`,
    "TPM_PPI --clear or --operation N, GUEST_WATCHDOG --clear, HIBERNATION_TOKEN --clear or --version 1.9, RTC_SKEW --milliseconds N",
  );
}

function wholeNumber(text: string, option: string, signed = false): number {
  const shape = signed ? /^-?\d{1,16}$/ : /^\d{1,9}$/;
  if (!shape.test(text)) throw new UsageError(`${option}: ${JSON.stringify(text)} is not a whole number`);
  return Number(text);
}

function firmwareVersion(text: string): { major: number; minor: number } {
  const [, major, minor] = /^(\d{1,3})\.(\d{1,3})$/.exec(text) ?? [];
  if (major === undefined || Number(major) > 255 || Number(minor) > 255) {
    throw new UsageError(`--version: ${JSON.stringify(text)} is not a version such as 1.9`);
  }
  return { major: Number(major), minor: Number(minor) };
}
