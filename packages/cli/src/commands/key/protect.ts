import { describeFileId, FileId, isEncrypted, VmgsError } from "vmgskit";
import { certificatesIn, makeKeyProtector } from "vmgskit/guest";
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

export const protect: CommandDeclaration = {
  name: "key protect",
  summary: "wrap a store's datastore key for a tenant's certificate",
  description:
    "Writes a KEY_PROTECTOR whose ingress entry is the store's datastore key, RSA-wrapped for the certificate: the " +
    "holder of its private key opens the store. For test stores; a host that uses guest state protection makes its own.",
  args: [storeArgument],
  options: [
    {
      flags: "--tenant-cert <FILE>",
      meaning: "RSA certificate of the tenant: PEM or DER, 2048 to 4096 bits",
    },
    KEY_OPTION,
    { flags: "--force", meaning: "replace the key protector that the store has" },
    ...CHANGE_OPTIONS,
    ...DISK_OPTIONS,
    JSON_OPTION,
  ],
  examples: [
    {
      command: "vmgs key protect vm.vmgs --key vm.key --tenant-cert tenant.crt",
      meaning: "make the protector",
    },
    {
      command: "vmgs key derive vm.vmgs --tenant-key tenant.pem -o again.key",
      meaning: "and derive the key from it again",
    },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    const path = options.tenantCert as string | undefined;
    if (path === undefined) throw new UsageError("--tenant-cert FILE is needed");
    const content = await readInput(context, {
      path,
      role: "the certificate",
      limit: InputLimit.certificate,
    });
    const [certificate = content] = certificatesIn(content);
    await withWritableStore(context, file, options, async (store, warnings) => {
      const { state } = store;
      if (!isEncrypted(state)) {
        throw new VmgsError(
          "VMGS_NOT_ENCRYPTED",
          "the store is not encrypted, so there is no key to protect",
        );
      }
      const key = state.unlocked?.datastoreKey;
      if (key === undefined) {
        throw new VmgsError("VMGS_NEEDS_UNLOCK", "the store is locked, and its key is needed to protect it");
      }
      const fileId = FileId.KEY_PROTECTOR;
      if (state.files.has(fileId) && options.force !== true) {
        throw new VmgsError("VMGS_FILE_ALLOCATED", `the store has ${describeFileId(fileId)} already`, {
          fileId,
        });
      }
      await changeStore(context, store, {
        file,
        options,
        changes: [
          {
            kind: "write",
            fileId,
            content: await makeKeyProtector(key, certificate),
            // A boot reads it before it can unlock the store.
            encrypt: false,
            overwriteEncrypted: true,
          },
        ],
        done: `written ${describeFileId(fileId)}, the datastore key wrapped for the certificate`,
        warnings,
      });
    });
    return 0;
  },
};
