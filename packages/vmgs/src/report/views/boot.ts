/** The forecast of the next boot, for people: lifetimes side by side, why, and what is lost. */

import type { LifetimeForecast, LostFile, LostWindowsState } from "../../diagnose/index.ts";
import { describeFileId } from "../../format/index.ts";
import type { VmCondition } from "../../guest/index.ts";
import { documentOf } from "../checks.ts";
import type { BootDocument } from "../documents/boot.ts";
import { toned } from "../text.ts";
import { type Block, type Column, list, section, type View } from "../view.ts";
import { actionWords, lifetimeWords, outcomeWords } from "../words/lifetime.ts";
import { clip, formatCount, formatSize } from "../words/sizes.ts";
import { vmWords } from "../words/vm.ts";

const checkDocument = documentOf("vmgs.boot/1");

/** What the next boot does with a file. */
export function bootView(document: BootDocument): View {
  checkDocument(document, "document");
  const { file, lifetimes, decidedBy, condition, notes } = document;
  const first = lifetimes.find(({ lifetime }) => lifetime === decidedBy);
  const words = first && lifetimeWords(first);
  const valid = condition === "valid";
  return {
    place: file,
    headline: words === undefined ? null : [toned(first?.outcome === "starts" ? "good" : "bad", words)],
    sections: [
      ...(lifetimes.length < 2 ? [] : [{ title: null, blocks: [lifetimesTable(lifetimes)] }]),
      ...reasonsOf(lifetimes).flatMap(([title, lines]) => section(title, list(lines))),
      ...(valid ? section("Key", list(keyWords(document))) : []),
      ...(valid && document.tpm !== null ? section("vTPM", list([document.tpm.why])) : []),
      ...(valid && document.uefi !== null ? section("UEFI", list([document.uefi.why])) : []),
      ...section("Notes", list([...sectorWords(document), ...conditionWords(document), ...notes])),
      ...(valid ? section("Assumed VM", list(document.vm === null ? [] : [vmWords(document.vm)])) : []),
    ],
  };
}

function lifetimesTable(lifetimes: readonly LifetimeForecast[]): Block {
  const columns = ["lifetime", "the boot", "and"].map((title): Column => ({ title, align: "left" }));
  const rows = lifetimes.map((one) => [one.lifetime, actionWords(one), outcomeWords(one)]);
  return { kind: "table", columns, rows };
}

/** Why, by lifetime; lifetimes with the same reasons together. */
function reasonsOf(lifetimes: readonly LifetimeForecast[]): [title: string, lines: string[]][] {
  const found: [title: string, lines: string[]][] = [];
  for (const { lifetime, why, losses } of lifetimes) {
    const files = losses?.files ?? [];
    const lost = files.length === 0 ? [] : [`lost: ${files.map(lostWords).join(", ")}`];
    const more = losses?.complete === false ? ["there may be more to lose that can't be listed"] : [];
    const lines = [...why, ...lost, ...windowsWords(losses?.windows ?? null), ...more];
    const same = found.find(([, others]) => others.join("\n") === lines.join("\n"));
    if (same === undefined) found.push([lifetime, lines]);
    else same[0] = `${same[0]}, ${lifetime}`;
  }
  return found;
}

/** The text of devices is untrusted, and as long as somebody made it. */
function windowsWords(windows: LostWindowsState | null): string[] {
  if (windows === null) return [];
  const { variables, lastUpdateTime, devices } = windows;
  const when = lastUpdateTime === null ? "" : `, last changed ${clip(lastUpdateTime, MOST_OF_A_NAME)}`;
  const named = devices.slice(0, MOST_DEVICES).map(({ id, type, states }) => {
    const what = `device ${clip(id, MOST_OF_A_NAME)}${type === null ? "" : ` (${clip(type, MOST_OF_A_NAME)})`}`;
    return `${formatCount(states.length, "state")} of ${what}`;
  });
  const rest = devices.length - named.length;
  const more = rest > 0 ? [`the states of ${formatCount(rest, "other device")}`] : [];
  const parts = [`${formatCount(variables, "UEFI variable")}${when}`, ...named, ...more];
  return [`lost: ${parts.join(", ")}`];
}

const MOST_DEVICES = 16;
const MOST_OF_A_NAME = 80;

function lostWords({ id, bytes, encrypted }: LostFile): string {
  return `${describeFileId(id)} ${formatSize(bytes)}${encrypted ? " encrypted" : ""}`;
}

function keyWords({ key }: BootDocument): string[] {
  if (key === null) return [];
  if (key.opens === null) return [key.why];
  return [`${key.why}; the key that was given ${key.opens ? "opens the store" : "does not open it"}`];
}

/** What other VMs than the assumed one do with the guest's small files. */
function conditionWords({ guest }: BootDocument): string[] {
  return guest.flatMap(({ unless, words }) =>
    unless === null ? [] : [`${words}: a VM ${CONDITIONS[unless]} does not boot`],
  );
}

const CONDITIONS: Readonly<Record<VmCondition, string>> = {
  guestWatchdog: "with a guest watchdog",
  attestation: "with attestation",
  hardwareSealingOnly: "that has no other source of a key",
};

function sectorWords({ otherSectorSize }: BootDocument): string[] {
  if (otherSectorSize === null) return [];
  const { sectorSize, condition, sequence } = otherSectorSize;
  const found = {
    valid: `another store, of sequence ${sequence}`,
    empty: "a blank disk",
    unusable: "no store that opens",
    noDisk: "no disk",
  }[condition];
  return [
    `a host that presents ${sectorSize}-byte sectors finds ${found}: say --sector-size ${sectorSize} to see`,
  ];
}
