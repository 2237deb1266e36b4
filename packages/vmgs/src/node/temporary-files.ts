/** Files that are written beside another, to be given its name once they are whole. */

import { unlinkSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { checkText } from "../arguments/index.ts";

const SUFFIX = ".vmgs-tmp";
/** File systems allow names of 255 bytes. */
const LONGEST_STEM = 200;

/** `.NAME.`, with a long name cut: what the temporary files of one file begin with. */
function prefixOf(target: string): string {
  const name = Buffer.from(basename(target)).subarray(0, LONGEST_STEM);
  return `.${new TextDecoder().decode(name).replace(/\ufffd+$/, "")}.`;
}

/** A name beside the target that no other process, of this machine or another, chooses as well. */
export function temporaryBeside(target: string): string {
  const random = Buffer.from(crypto.getRandomValues(new Uint8Array(9))).toString("base64url");
  return join(dirname(target), `${prefixOf(target)}${random}${SUFFIX}`);
}

/** The temporary files of a file: those of runs that were killed, and of runs that write now. */
export async function leftoversBeside(target: string): Promise<string[]> {
  checkText(target, "target");
  const prefix = prefixOf(target);
  const folder = dirname(target);
  // A folder may allow making files in it, and no list of them.
  const names = await readdir(folder).catch(() => []);
  const mine = (name: string) =>
    name.startsWith(prefix) && /^[\w-]{12}\.vmgs-tmp$/.test(name.slice(prefix.length));
  return names
    .filter(mine)
    .sort()
    .map((name) => join(folder, name));
}

/** Removes a file of this process when the process exits before it is done with it. */
export class RemovedAtExit {
  readonly #path: string;
  readonly #atExit = () => this.#unlink();

  constructor(path: string) {
    this.#path = path;
    process.once("exit", this.#atExit);
  }

  /** The file has another name now, or is needed. */
  keep(): void {
    process.removeListener("exit", this.#atExit);
  }

  remove(): void {
    this.keep();
    this.#unlink();
  }

  #unlink(): void {
    try {
      unlinkSync(this.#path);
    } catch {
      // It is gone already.
    }
  }
}
