/** What firmware would boot, for people. */

import type { BootEntry, BootOverview } from "../../uefi/index.ts";
import type { VariablesOf } from "../documents/uefi.ts";
import { type Span, toned } from "../text.ts";
import { checkOverview, checkVariablesOf } from "../uefi-checks.ts";
import { type Block, list, type OutlineItem, section, type View } from "../view.ts";
import { clip } from "../words/sizes.ts";
import { categoryWords, shortText, vmbusWords } from "../words/uefi-values.ts";
import { listProblems } from "./uefi-problems.ts";

/** More entries than this say the same over and over. */
const MOST_ENTRIES = 200;
/** More of a device path than this is for the document. */
const MOST_PATH = 2000;

/** The options in the order in which firmware tries them, then those that are not in the order. */
export function uefiBootView(of: VariablesOf, overview: BootOverview): View {
  checkVariablesOf(of, "of");
  checkOverview(overview, "overview");
  const { file, list: all } = of;
  const { entries, timeout, bootOrder, errors } = overview;
  const waits = timeout === null ? [] : [timeout === 0xffff ? "waits for a choice" : `timeout ${timeout} s`];
  const head = [...(bootOrder === null ? ["no BootOrder"] : []), ...waits].join(", ");
  const none =
    entries.length === 0 ? ["no boot options: firmware looks for something to boot by itself"] : [];
  const more = entries.length - MOST_ENTRIES;
  return {
    place: file,
    headline: head === "" ? null : head,
    sections: [
      ...section(
        null,
        list([...errors.map(({ message }) => [toned("bad", message)]), ...none]),
        ...orderBlocks(entries.slice(0, MOST_ENTRIES)),
        list(more > 0 ? [`... ${more} more`] : []),
      ),
      ...listProblems(all),
    ],
  };
}

function orderBlocks(entries: readonly BootEntry[]): Block[] {
  let place = 0;
  const items = (some: readonly BootEntry[]) =>
    some.map((entry) => itemOf(entry, entry.tried ? String(++place) : ""));
  const unlisted = entries.filter(({ source }) => source === "unlisted");
  const listed = entries.filter(({ source }) => source !== "unlisted");
  return [
    { kind: "outline", items: items(listed) },
    list(unlisted.length === 0 ? [] : [[toned("quiet", "not in the order:")]]),
    { kind: "outline", items: items(unlisted) },
  ];
}

function itemOf(entry: BootEntry, mark: string): OutlineItem {
  const { name, option, devicePath, error, dangling } = entry;
  const marks = marksOf(entry);
  const words = [
    shortText(name),
    ...(option === null || option.description === "" ? [] : [shortText(option.description)]),
    ...(marks.length === 0 ? [] : [`(${marks.join(", ")})`]),
  ];
  const tone: Span["tone"] = dangling || error !== null ? "warning" : mark === "" ? "quiet" : "name";
  const [path] = option?.paths ?? [];
  const vmbus = path === undefined ? null : vmbusWords(path);
  return {
    mark,
    title: [toned(tone, words.join("  "))],
    details: [
      ...(devicePath === null ? [] : [clip(devicePath, MOST_PATH)]),
      ...(vmbus === null ? [] : [`VMBus: ${clip(vmbus)}`]),
      ...(error === null ? [] : [error.message]),
    ],
    fields: [],
  };
}

function marksOf(entry: BootEntry): string[] {
  const { source, dangling, disabled, category, hidden, shadowed, option, error } = entry;
  return [
    ...(source === "bootNext" ? ["BootNext, once"] : []),
    ...(dangling ? ["dangling: no such variable"] : []),
    ...(disabled ? ["disabled"] : []),
    ...(category === null || category === "boot" ? [] : [categoryWords(category)]),
    ...(hidden ? ["hidden"] : []),
    ...(option?.pathProblem && error === null ? ["unread bytes after its path"] : []),
    ...(shadowed ? ["shadowed by the upper-case spelling"] : []),
    ...(error !== null ? ["can't be read"] : []),
  ];
}
