/** What holds for every command, as its examples call it: outputs that fail, inputs without end, waits that end. */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import {
  allCalls,
  type Call,
  contentsOf,
  copyOf,
  eachOf,
  exampleFolder,
  removeFolder,
  startProgram,
  withFile,
} from "./support/calls.ts";

const calls = await allCalls();
/** One call a command, where that is enough. */
const firstCalls = calls.filter(
  (call, i) => calls.findIndex(({ command }) => command === call.command) === i,
);
let folder: string;

beforeAll(async () => {
  folder = await exampleFolder();
});

/** Does something in a copy of the folder. */
async function inCopy<T>(action: (cwd: string) => Promise<T>): Promise<T> {
  const cwd = await copyOf(folder);
  try {
    return await action(cwd);
  } finally {
    await removeFolder(cwd);
  }
}

const nameOf = ({ program, argv }: Pick<Call, "program" | "argv">) => `${program} ${argv.join(" ")}`;
const linux = existsSync("/dev/full");
/** Milliseconds for hundreds of processes, on a machine that has other work. */
const LIMIT = 240_000;

describe.skipIf(!linux)("every command", () => {
  test(
    "whose output can't be written fails, and says whether its change is done",
    async () => {
      await using full = await open("/dev/full", "w");
      const before = await contentsOf(folder);
      await eachOf(firstCalls, (call) =>
        inCopy(async (cwd) => {
          const { exit, stderr } = await startProgram(call.program, call.argv, { cwd, stdout: full.fd })
            .ended;
          const changed = JSON.stringify(await contentsOf(cwd)) !== JSON.stringify(before);
          if (!stderr.includes("standard output failed")) return;
          expect(exit, nameOf(call)).toBe(1);
          expect(stderr.includes("the change is done"), `${nameOf(call)}: ${stderr}`).toBe(changed);
          expect(changed && stderr.includes("try again"), stderr).toBe(false);
        }),
      );
    },
    LIMIT,
  );

  test(
    "whose reader is gone ends as if it had read everything",
    async () => {
      await eachOf(firstCalls, async ({ program, argv }) => {
        const run = (stdout?: "closed") =>
          inCopy(async (cwd) => {
            const { exit } = await startProgram(program, argv, { cwd, ...(stdout && { stdout }) }).ended;
            return { exit, contents: Object.keys(await contentsOf(cwd)) };
          });
        expect(await run("closed"), nameOf({ program, argv })).toEqual(await run());
      });
    },
    LIMIT,
  );

  test(
    "ends with little memory when any of its files has no end",
    async () => {
      await eachOf(places("/dev/zero"), ([place, program, argv]) =>
        inCopy(async (cwd) => {
          const { exit, stderr } = await startProgram(program, argv, { cwd, memory: 1.5e9 }).ended;
          expect([0, 1, 2, 3, 4, 5], `${place}: ${stderr}`).toContain(exit);
          expect(stderr, place).not.toMatch(/unexpected|heap|out of memory/i);
        }),
      );
    },
    LIMIT,
  );

  test(
    "ends on SIGTERM while any of its files is waited for, and has changed nothing",
    async () => {
      const waited: string[] = [];
      const before = await contentsOf(folder);
      await eachOf(places("FIFO"), ([place, program, argv]) =>
        inCopy(async (cwd) => {
          const fifo = join(cwd, "FIFO");
          spawnSync("mkfifo", [fifo]);
          const running = startProgram(program, argv, { cwd });
          const waits = await Promise.race([running.idle(), running.ended.then(() => false)]);
          if (!waits) return;
          running.kill("SIGTERM");
          const { exit, stderr } = await running.ended;
          waited.push(place);
          expect(exit, `${place}: ${stderr}`).toBe(130);
          expect(stderr, place).toMatch(
            /interrupted; (nothing was changed|the store's content is unchanged)/,
          );
          expect(await contentsOf(cwd), place).toEqual(before);
        }),
      );
      // The walk would say nothing if nothing waited.
      const expected = [
        "put 2",
        "inspect --key",
        "uefi import 1",
        "marker --output",
        "write -d",
        "encrypt -k",
      ];
      expect(waited).toEqual(expect.arrayContaining(expected));
    },
    LIMIT,
  );
});

type Place = readonly [place: string, program: Call["program"], argv: readonly string[]];

/** Commands in which an option that many have is tried. */
const MOST_OF_AN_OPTION = 3;

/** Places where a file is named: arguments of each command, and options, which commands share. */
function places(path: string): Place[] {
  const found = new Map<string, Place[]>();
  for (const call of calls) {
    const { program, command } = call;
    for (const [where, argv] of withFile(call, path)) {
      const option = command.options.find(({ flags }) => flags.split(/[ ,]+/).includes(where));
      const name = `${command.name} ${where}`;
      const kind = `${program} ${option === undefined ? name : `${option.flags} ${option.meaning}`}`;
      const same = found.get(kind) ?? [];
      if (same.length >= MOST_OF_AN_OPTION || same.some(([place]) => place === name)) continue;
      found.set(kind, [...same, [name, program, argv]]);
    }
  }
  return [...found.values()].flat();
}
