import { SOON_DAYS, uefiSecureBootDocument, uefiSecureBootView } from "vmgskit/report";
import { secureBootDatabases, secureBootState } from "vmgskit/uefi";
import { type CommandDeclaration, storeArgument } from "../../declaration/index.ts";
import { AT_OPTION, momentOf } from "../../moment.ts";
import { showReport } from "../../show.ts";
import { codeFor } from "./list-code.ts";
import { openList, READ_OPTIONS } from "./variable-list.ts";

export const secureBoot: CommandDeclaration = {
  name: "uefi secure-boot",
  summary: "show the secure boot state: keys, certificates, revocations, expiry",
  description:
    "PK, KEK, db and dbx with subjects, issuers, validity and thumbprints; well-known CAs are recognised by the SHA-256 " +
    `of the certificate. Warns of certificates that have expired or will within ${SOON_DAYS} days, though firmware does ` +
    "not look at dates. Nothing is verified.",
  args: [storeArgument],
  options: [
    { flags: "--hashes", meaning: "list the hashes as well, instead of their number only" },
    AT_OPTION,
    ...READ_OPTIONS,
  ],
  examples: [
    { command: "vmgs uefi secure-boot vm.vmgs", meaning: "for people" },
    { command: "vmgs uefi secure-boot vm.vmgs --at 2026-10-20", meaning: "what will have expired by then" },
    {
      command: "vmgs uefi secure-boot vm.vmgs --file CUSTOM_UEFI",
      meaning: "what the host asks firmware for",
    },
  ],
  async run(context, args, options) {
    const now = momentOf(options);
    const opened = await openList(context, args[0] as string, options);
    const state = await secureBootState(opened.list, now);
    await showReport(context, uefiSecureBootDocument(opened, state, now), () =>
      uefiSecureBootView(opened, state, { now, hashes: options.hashes === true }),
    );
    return codeFor(opened.list, ...secureBootDatabases.map((name) => state.databases[name]?.error ?? null));
  },
};
