/** `vmgs inspect` of a version 1 file. */

import { describeContainer } from "vmgskit";
import { inspectV1Document, inspectV1View } from "vmgskit/report";
import { inspectV1 } from "vmgskit/v1";
import type { CommandContext } from "../../context.ts";
import type { OptionValues } from "../../declaration/index.ts";
import { describeError, reportWarnings } from "../../messages.ts";
import { openDiskForReading } from "../../reading.ts";
import { printDocument, showView } from "../../show.ts";
import { generationOf } from "../../stores.ts";

/** Shows the file; throws why the generation that is asked for can't be read. */
export async function inspectV1File(
  context: CommandContext,
  file: string,
  options: OptionValues,
): Promise<void> {
  await using disk = await openDiskForReading(context, file, options);
  const { warnings } = disk.container;
  const inspection = await inspectV1(disk);
  const generation = generationOf(options);
  const container = describeContainer(disk.container);
  const facts = { container, generation, warnings };
  const document = inspectV1Document(file, inspection, facts, describeError);
  if (context.json) await printDocument(context, document);
  else {
    await reportWarnings(context, warnings, file);
    await showView(context, inspectV1View(document));
  }
  const asked = inspection.copies.find((copy) => copy.generation === generation) ?? inspection;
  if (asked.error !== null) throw asked.error;
}
