/** Reading commands read a store where it lies: behind HTTP, packed, in an archive, from standard input. */

import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FileServer, serveFile } from "../../vmgs/test/http-server.ts";
import { vmgs, vmgsJson } from "./support/cli.ts";
import { makeFolder, makeStore } from "./support/folder.ts";

let file: string;
let image: Uint8Array;
let folder: string;
let server: FileServer;

beforeAll(async () => {
  ({ file } = await makeStore());
  image = await readFile(file);
  folder = await makeFolder();
  server = await serveFile(image);
});

afterAll(() => server[Symbol.asyncDispose]());

/** A small zstd frame of raw blocks (RFC 8878): what is tested is the way to it, not the packing. */
function zstdOf(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58)];
  for (let at = 0; at < bytes.length; at += 65_536) {
    const block = bytes.subarray(at, at + 65_536);
    const head = (block.length << 3) | (at + block.length === bytes.length ? 1 : 0);
    parts.push(Uint8Array.of(head & 0xff, (head >> 8) & 0xff, head >> 16), block);
  }
  return Buffer.concat(parts);
}

/** A tar archive as GNU tar or bsdtar makes it. */
async function tarOf(name: string): Promise<string> {
  await writeFile(join(folder, name), image);
  execFileSync("tar", ["-C", folder, "-cf", join(folder, "stores.tar"), name]);
  return join(folder, "stores.tar");
}

describe("every way leads to the same store", () => {
  const ways: Readonly<
    Record<string, () => Promise<readonly [place: string, wrapping: string[], stdin?: Uint8Array]>>
  > = {
    gzip: async () => {
      const path = join(folder, "a.vmgs.gz");
      await writeFile(path, gzipSync(image));
      return [path, ["gzip"]];
    },
    zstd: async () => {
      const path = join(folder, "a.vmgs.zst");
      await writeFile(path, zstdOf(image));
      return [path, ["zstd"]];
    },
    "a member of a tar archive": async () => [`${await tarOf("a.vmgs")}#a.vmgs`, ["tar"]],
    "a member with a long name": async () => {
      const name = `${"n".repeat(150)}.vmgs`;
      return [`${await tarOf(name)}#${name}`, ["tar"]];
    },
    "a packed archive": async () => {
      const path = join(folder, "stores.tgz");
      await writeFile(path, gzipSync(await readFile(await tarOf("a.vmgs"))));
      return [`${path}#a.vmgs`, ["gzip", "tar"]];
    },
    "standard input": async () => ["-", ["standard input"], image],
    "packed standard input": async () => ["-", ["standard input", "gzip"], gzipSync(image)],
  };

  test.each(Object.entries(ways))("%s", async (_, way) => {
    const [place, wrapping, stdin] = await way();
    const circumstances = stdin === undefined ? {} : { stdin };
    const plain = await vmgsJson(["inspect", file]);
    expect(await vmgsJson(["inspect", place], circumstances)).toEqual({
      ...plain,
      file: place,
      container: { ...(plain.container as object), wrapping },
    });
    const { stdout } = await vmgs(["inspect", place], circumstances);
    expect(stdout.split("\n")[0]).toContain(`in ${wrapping.at(-1)}`);
    for (const command of ["marker", "doctor", "boot", "history"]) {
      const there = await vmgsJson([command, place], circumstances);
      const here = await vmgsJson([command, file]);
      const same = ({ file: _file, container: _container, at: _at, ...rest }: Record<string, unknown>) =>
        rest;
      expect(same(there), command).toEqual(same(here));
    }
    const bytes = async (at: string) => (await vmgs(["cat", at, "18"], circumstances)).stdout;
    expect(await bytes(place)).toBe(await bytes(file));
    const dump = async (at: string) =>
      (await vmgs(["hexdump", at, "--header", "--footer"], circumstances)).stdout;
    expect(await dump(place)).toBe(await dump(file));
  });
});

describe("over HTTP", () => {
  test("a marker takes two requests, and the query of the URL is never shown", async () => {
    server.requests.length = 0;
    const { code, stdout } = await vmgs(["marker", server.url]);
    expect(code).toBe(0);
    expect(stdout).toContain("openhcl");
    expect(server.requests).toHaveLength(2);
    for (const argv of [
      ["inspect", server.url],
      ["inspect", "--json", server.url],
      ["doctor", server.url],
      ["boot", "--json", server.url],
      ["diff", server.url, file],
      ["cat", server.url, "77"],
      ["marker", `${server.url}&x=1`, "--generation", "previous"],
    ]) {
      const run = await vmgs(argv);
      expect(run.stdout + run.stderr, argv.join(" ")).not.toMatch(/5ecre7|sv=2024/);
    }
  });

  test("an expired signature is said to be one, with exit code and hint, and without the query", async () => {
    server.plans = [
      (_, response) => response.writeHead(403, { "x-ms-error-code": "AuthenticationFailed" }).end(),
    ];
    const { code, stderr } = await vmgs(["inspect", "--json", server.url]);
    expect(code).toBe(1);
    expect(stderr).toContain("403 AuthenticationFailed");
    expect(stderr).not.toMatch(/5ecre7|sv=2024/);
  });

  test("http:// to another machine must be asked for", async () => {
    const { code, stderr } = await vmgs(["marker", "http://store.example/vm.vmgs"]);
    expect(code).toBe(2);
    expect(stderr).toContain("--insecure-http");
  });

  test("changing commands refuse it, and ask no server", async () => {
    server.requests.length = 0;
    const { code, stderr } = await vmgs(["rm", server.url, "18"]);
    expect(code).not.toBe(0);
    expect(stderr).toContain("this is a URL");
    expect(server.requests).toEqual([]);
  });
});

describe("what can't be taken apart is refused with a reason", () => {
  test.each([
    ["a cut gzip", () => gzipSync(image).subarray(0, 2000), /gzip around the file is damaged/],
    ["a cut zstd", () => zstdOf(image).subarray(0, 100_000), /zstd around the file is damaged/],
    [
      "a zstd window above the limit",
      () => Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0xff, 0, 0),
      /more than 268435456 bytes/,
    ],
    ["a gzip that blows up", () => gzipSync(Buffer.alloc(268_435_456 + 512)), /more than 268435456 bytes/],
  ])("%s", async (_, make, message) => {
    const path = join(folder, "broken");
    await writeFile(path, make());
    const { code, stderr } = await vmgs(["inspect", path]);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  test("an archive without the member, and what is no archive", async () => {
    const { code, stderr } = await vmgs(["marker", `${await tarOf("a.vmgs")}#b.vmgs`]);
    expect(code).toBe(5);
    expect(stderr).toContain("the archive has no such file");
    const other = await vmgs(["marker", `${file}#a`]);
    expect(other.stderr).toContain("is not a tar archive");
  });

  test("store and key can't both come from standard input", async () => {
    const { code, stderr } = await vmgs(["inspect", "-", "--key", "-"], { stdin: image });
    expect(code).toBe(2);
    expect(stderr).toContain("standard input");
  });
});
