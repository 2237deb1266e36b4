/** `vmgs cat` of a version 1 file: states of devices, as JSON. */

import { VmgsError } from "vmgskit";
import { v1State, v1StateText } from "vmgskit/v1";
import type { CommandContext } from "../../context.ts";
import type { OptionValues } from "../../declaration/index.ts";
import { withGuestState } from "../../guest-states.ts";
import { writeBytes } from "../../output-file.ts";

/** Stands for all of the data. */
const DATA = "DATA";

export async function catV1(
  context: CommandContext,
  file: string,
  what: string,
  options: OptionValues,
): Promise<number> {
  const text = await withGuestState(context, file, options, (state) => {
    if (state.version !== 1) throw new Error("a version 1 file was expected");
    const { data } = state.file.copy;
    if (what.toUpperCase() === DATA) return data.text;
    const slash = what.indexOf("/");
    const found = slash < 0 ? undefined : v1State(data, what.slice(0, slash), what.slice(slash + 1));
    if (found !== undefined) return v1StateText(data, found);
    throw new VmgsError("VMGS_V1_STATE_NOT_FOUND", `there is no state ${what} in this version 1 file`);
  });
  const bytes = new TextEncoder().encode(`${withoutLoneSurrogates(text)}\n`);
  await writeBytes(context, options, bytes, { isPrivate: true });
  return 0;
}

/** UTF-8 has no unpaired surrogates; JSON can escape them. */
function withoutLoneSurrogates(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);
}
