import { describeFileId, type WipePlan } from "vmgskit";
import type { CommandContext } from "../context.ts";
import {
  type CommandDeclaration,
  DISK_OPTIONS,
  JSON_OPTION,
  PLAN_OPTIONS,
  storeArgument,
} from "../declaration/index.ts";
import { print, printJson, say } from "../messages.ts";
import { makeBackup, withWritableStore } from "../stores-for-change.ts";
import { escapeText, formatCount } from "../terminal/index.ts";

export const wipe: CommandDeclaration = {
  name: "wipe",
  summary: "overwrite all old content in a store with zeros",
  description:
    "Overwrites all free blocks, and the unused ends of files (slack), with zeros. The files stay as they are. The " +
    "previous generation is lost: nothing can go back to it, and `vmgs carve` finds nothing afterwards. Needs no key, " +
    "not even for an encrypted store.",
  args: [storeArgument],
  options: [...PLAN_OPTIONS, ...DISK_OPTIONS, JSON_OPTION],
  examples: [
    {
      command: "vmgs wipe vm.vmgs --dry-run",
      meaning: "see what is left of older content, and what would end",
    },
    {
      command: "vmgs wipe vm.vmgs --backup vm.bak",
      meaning: "copy the whole file first, old content included",
    },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    const dryRun = options.dryRun === true;
    await withWritableStore(context, file, { ...options, key: undefined }, async (store, warnings) => {
      const plan = await store.planWipe();
      if (!context.json) await announce(context, file, plan, dryRun);
      if (!dryRun) {
        await makeBackup(file, options);
        await store.wipe({ signal: context.signal });
      }
      const { sequence } = store.state.header;
      if (context.json) {
        await printJson(context, "vmgs.wipe/1", { file, dryRun, sequence, ...plan, warnings });
      } else if (!dryRun) {
        await say(context, `${escapeText(file)}: unused space wiped; sequence ${sequence}`);
      }
    });
    return 0;
  },
};

/** What wiping ends, before it does. In a dry run this is the result, and quiet mode does not silence it. */
async function announce(
  context: CommandContext,
  file: string,
  plan: WipePlan,
  dryRun: boolean,
): Promise<void> {
  const tell = dryRun ? print : say;
  await tell(context, `${escapeText(file)}: ${foundWords(plan)}`);
  if (plan.endsGeneration !== null) {
    const { sequence, fileIds } = plan.endsGeneration;
    const names = fileIds.map(describeFileId).join(", ");
    await tell(context, `  ends the previous generation (sequence ${sequence}): ${names}`);
  }
  if (plan.relocated.length > 0) {
    const names = plan.relocated.map(describeFileId).join(", ");
    await tell(context, `  moves to other blocks first, in one transaction: ${names}`);
  }
}

function foundWords({ freeBlocks, slackBytes, slackFiles }: WipePlan): string {
  if (freeBlocks === 0 && slackFiles.length === 0) return "no old content is left";
  const slack =
    slackFiles.length === 0
      ? ""
      : ` and after the ends of ${slackFiles.map(describeFileId).join(", ")} (${formatCount(slackBytes, "byte")})`;
  return `old content in ${formatCount(freeBlocks, "free block")}${slack}`;
}
