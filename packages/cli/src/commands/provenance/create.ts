import {
  type Change,
  describeFileId,
  FileId,
  isEncrypted,
  Secret,
  VmgsError,
  type WritableStore,
} from "vmgskit";
import {
  certificatesIn,
  deriveVmgsid,
  encodePlatformSeed,
  importSigningKey,
  makeProvenanceDoc,
  type PlatformSeed,
  parsePlatformSeed,
} from "vmgskit/guest";
import { changeStore } from "../../changes.ts";
import {
  CHANGE_OPTIONS,
  type CommandDeclaration,
  DISK_OPTIONS,
  JSON_OPTION,
  KEY_OPTION,
  storeArgument,
} from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { InputLimit, readInput } from "../../inputs.ts";
import { withWritableStore } from "../../stores-for-change.ts";

export const create: CommandDeclaration = {
  name: "provenance create",
  summary: "sign a provenance document for a store, for tests",
  description:
    "Derives the VMGSID from the store's platform seed, makes a random seed where there is none, and writes a document " +
    "that is signed for it. For test stores: who signs is up to you, and a boot does not check the root. --key is the " +
    "datastore key, as everywhere; the key that signs is --signing-key.",
  args: [storeArgument],
  options: [
    {
      flags: "--signing-key <FILE>",
      meaning: "RSA private key of the leaf: PEM or DER, PKCS#8 or PKCS#1, not encrypted",
    },
    { flags: "--chain <FILE>", meaning: "certificates in PEM, leaf first, each issued by the next" },
    KEY_OPTION,
    { flags: "--force", meaning: "replace the document that the store has" },
    ...CHANGE_OPTIONS,
    ...DISK_OPTIONS,
    JSON_OPTION,
  ],
  examples: [
    {
      command: "vmgs provenance create vm.vmgs --signing-key leaf.pem --chain chain.pem",
      meaning: "sign it",
    },
    { command: "vmgs provenance show vm.vmgs", meaning: "and verify it" },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    const { signingKey: keyPath, chain: chainPath } = options as Readonly<Record<string, string | undefined>>;
    if (keyPath === undefined) throw new UsageError("--signing-key FILE is needed");
    if (chainPath === undefined) throw new UsageError("--chain FILE is needed");
    const read = (path: string, role: "the signing key" | "the certificate") =>
      readInput(context, { path, role, limit: InputLimit.certificate });
    const content = await read(keyPath, "the signing key");
    const signingKey = await importSigningKey(content).finally(() => content.fill(0));
    const chain = certificatesIn(await read(chainPath, "the certificate"));
    await withWritableStore(context, file, options, async (store, warnings) => {
      const fileId = FileId.PROVENANCE_DOC;
      if (store.state.files.has(fileId) && options.force !== true) {
        throw new VmgsError("VMGS_FILE_ALLOCATED", `the store has ${describeFileId(fileId)} already`, {
          fileId,
        });
      }
      const { seed, changes } = await seedOf(store);
      const document = await makeProvenanceDoc({ vmgsid: await deriveVmgsid(seed), signingKey, chain });
      await changeStore(context, store, {
        file,
        options,
        changes: [
          ...changes,
          // A boot reads the document before it can unlock the store.
          { kind: "write", fileId, content: document, encrypt: false, overwriteEncrypted: true },
        ],
        done: `written ${[...changes.map((change) => change.fileId), fileId].map(describeFileId).join(" and ")}`,
        warnings,
      });
    });
    return 0;
  },
};

type SeedChange = Extract<Change, { kind: "write" }>;

/** The seed of the store, or a new one and the write of it. */
async function seedOf(store: WritableStore): Promise<{ seed: PlatformSeed; changes: readonly SeedChange[] }> {
  const fileId = FileId.PLATFORM_SEED;
  if (store.state.files.has(fileId)) {
    const parsed = parsePlatformSeed(await store.readFile(fileId));
    if (!("code" in parsed)) return { seed: parsed, changes: [] };
    throw new VmgsError("VMGS_INVALID_ARGUMENT", `${describeFileId(fileId)} ${parsed.message}`);
  }
  const text = (value: string) => new Secret(new TextEncoder().encode(value));
  const seed = {
    seed: new Secret(crypto.getRandomValues(new Uint8Array(32))),
    label: text("Label_GPS"),
    context: text("Context_VMGS"),
  };
  const content = encodePlatformSeed(seed).expose();
  return { seed, changes: [{ kind: "write", fileId, content, encrypt: isEncrypted(store.state) }] };
}
