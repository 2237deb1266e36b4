import { FileId, isVmgsError, type MarkerLocation, VmgsError } from "vmgskit";
import { certificatesIn, examineProvenance, type ProvenanceVerdict } from "vmgskit/guest";
import { provenanceDocument, provenanceView } from "vmgskit/report";
import type { CommandContext } from "../../context.ts";
import {
  type CommandDeclaration,
  GENERATION_OPTION,
  JSON_OPTION,
  KEY_OPTION,
  type OptionValues,
  READING_OPTIONS,
  storeArgument,
} from "../../declaration/index.ts";
import { ExitCode } from "../../exit-codes.ts";
import { InputLimit, readInput } from "../../inputs.ts";
import { printDocument, showView } from "../../show.ts";
import { type OpenedStore, withStore } from "../../stores.ts";

export const show: CommandDeclaration = {
  name: "provenance show",
  summary: "show who signed a store, and whether the signature is for it",
  description:
    "Verifies the provenance document as a boot does, derives the VMGSID of the store from its platform seed, and sets " +
    "both beside the marker, which is not signed. The exit code is 3 when the document is invalid or not for this store, " +
    "5 when there is none.",
  args: [storeArgument],
  options: [
    {
      flags: "--roots <FILE>",
      meaning: "trusted root certificates, PEM; without them the root is not checked",
    },
    JSON_OPTION,
    KEY_OPTION,
    GENERATION_OPTION,
    ...READING_OPTIONS,
  ],
  examples: [
    { command: "vmgs provenance show vm.vmgs", meaning: "for people" },
    { command: "vmgs provenance show vm.vmgs --json", meaning: "for scripts" },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    const roots = await readRoots(context, options);
    const document = await withStore(context, file, options, async ({ store }) => {
      const seed = await contentOf(store, FileId.PLATFORM_SEED);
      const document = await contentOf(store, FileId.PROVENANCE_DOC);
      if (document === "locked")
        throw new VmgsError("VMGS_NEEDS_UNLOCK", "the provenance document is encrypted");
      const provenance = await examineProvenance({ document, seed, ...(roots && { roots }) });
      return provenanceDocument(file, provenance, await markerOf(store));
    });
    if (context.json) await printDocument(context, document);
    else await showView(context, provenanceView(document));
    return CODES[document.verdict];
  },
};

const CODES: Readonly<Record<ProvenanceVerdict, number>> = {
  absent: ExitCode.notFound,
  invalid: ExitCode.foundBad,
  rootNotTrusted: ExitCode.foundBad,
  seedAbsent: ExitCode.foundBad,
  seedLocked: ExitCode.keyNeeded,
  seedUnreadable: ExitCode.foundBad,
  mismatch: ExitCode.foundBad,
  matches: ExitCode.done,
};

async function readRoots(
  context: CommandContext,
  options: OptionValues,
): Promise<readonly Uint8Array[] | undefined> {
  const path = options.roots as string | undefined;
  if (path === undefined) return undefined;
  return certificatesIn(
    await readInput(context, { path, role: "the certificate", limit: InputLimit.document }),
  );
}

async function contentOf(store: OpenedStore["store"], fileId: number): Promise<Uint8Array | "locked" | null> {
  if (!store.state.files.has(fileId)) return null;
  try {
    return await store.readFile(fileId);
  } catch (error) {
    if (isVmgsError(error, "VMGS_NEEDS_UNLOCK")) return "locked";
    throw error;
  }
}

/** A marker that can't be read counts as missing here: `vmgs marker` shows why. */
async function markerOf(store: OpenedStore["store"]): Promise<MarkerLocation | null> {
  try {
    return await store.readMarker();
  } catch (error) {
    if (isVmgsError(error)) return null;
    throw error;
  }
}
