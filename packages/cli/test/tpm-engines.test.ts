/** vmgs tpm provision and vmgs tpm conformance, on a real swtpm. */

import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { escapeXml } from "vmgskit/report";
import { type Swtpm, startSwtpm, whyNoSwtpm } from "../../vmgs/test/swtpm.ts";
import { errorsOf, vmgs, vmgsJson } from "./support/cli.ts";
import { makeFolder } from "./support/folder.ts";
import { expectValid, expectValidErrors } from "./support/schemas.ts";

/** The shape of a certificate; what is in it does not matter to a TPM. */
const certificate = Uint8Array.from({ length: 1200 }, (_, i) => [0x30, 0x82, 0x04, 0xac][i] ?? i % 256);

describe.skipIf(whyNoSwtpm !== null)(
  `on swtpm${whyNoSwtpm === null ? "" : ` (skipped: ${whyNoSwtpm})`}`,
  () => {
    let swtpm: Swtpm;
    let engine: string[];

    beforeAll(async () => {
      swtpm = await startSwtpm();
      engine = ["--engine", swtpm.address];
    });

    afterAll(async () => {
      await swtpm?.[Symbol.asyncDispose]();
    });

    const provision = (...args: string[]) =>
      vmgsJson(["tpm", "provision", ...engine, "--akcert-size", "2048", ...args]);

    test("an index that the TPM does not take is refused before anything is changed, with what to do", async () => {
      const run = await vmgs(["tpm", "provision", ...engine, "--json"]);
      expect(run.code).toBe(1);
      const errors = errorsOf(run);
      expectValidErrors(errors);
      expect(errors).toMatchObject([
        {
          code: "VMGS_TPM_INDEX_SIZE",
          bytes: 4096,
          limit: 2048,
          nvIndex: 0x01c1_01d0,
          hint: /--akcert-size/,
        },
      ]);
    });

    test("a dry run tells what would be done, and does nothing", async () => {
      const before = await provision("--dry-run");
      expectValid(before);
      expect(before).toMatchObject({ dryRun: true, ak: { action: "made" }, index: { row: "none" } });
      expect(await provision("--dry-run")).toMatchObject({ index: { row: "none" }, alreadyStarted: true });
    });

    test("provision makes keys and index, and writes the certificate", async () => {
      const file = join(await makeFolder(), "ak.der");
      await writeFile(file, certificate);
      const document = await provision("--certificate", file);
      expectValid(document);
      expect(document).toMatchObject({
        ak: { action: "made", canRenew: true },
        index: { row: "none", creator: "platform" },
        certificate: "written",
        warnings: [],
      });
      const again = await provision("--dry-run");
      expect(again).toMatchObject({
        index: { row: "platform's", steps: [{}, {}, { action: "write", bytes: 2048 }] },
      });
    });

    test("new seeds are another identity; without them it stays", async () => {
      const first = await provision();
      const same = await provision();
      const other = await provision("--refresh-seeds");
      const modulus = ({ ak }: Record<string, unknown>) => (ak as { modulus: string }).modulus;
      expect(modulus(same)).toBe(modulus(first));
      expect(modulus(other)).not.toBe(modulus(first));
      expect(modulus(other)).toMatch(/^[0-9a-f]{512}$/);
    });

    test("the state is saved for its owner only, and brings the identity back", async () => {
      const file = join(await makeFolder(), "state.bin");
      const first = await provision("--save-state", file);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      await provision("--refresh-seeds");
      const restored = await provision("--state", file);
      expect(restored).toMatchObject({ stateRestored: true, ak: first.ak, ek: first.ek });
    });

    test("file 3 of a store is refused by an engine of another format, before anything is done", async () => {
      const file = join(await makeFolder(), "tpm.bin");
      await writeFile(file, new Uint8Array(32_768));
      const run = await vmgs(["tpm", "provision", ...engine, "--state", file]);
      expect(run.code).toBe(1);
      expect(run.stderr).toContain("takes a state of format swtpm, and this is one of format 1.38");
    });

    test("pending operations of the firmware are run, and a refusal is a warning with exit code 3", async () => {
      expect(await provision("--pcr-banks", "sha256,SHA-384")).toMatchObject({
        physicalPresence: { responseCode: 0 },
      });
      expect(await provision("--clear")).toMatchObject({ physicalPresence: { responseCode: 0 } });
      const refused = await vmgs([
        "tpm",
        "provision",
        ...engine,
        "--akcert-size",
        "2048",
        "--pcr-banks",
        "SM3_256",
      ]);
      expect(refused.code).toBe(3);
      expect(refused.stderr).toMatch(/warning: the TPM refused the physical presence operation: TPM_RC_/);
    });

    test("what was done is told in lines for people; --quiet says nothing", async () => {
      const { stdout, code } = await vmgs(["tpm", "provision", ...engine, "--akcert-size", "2048"]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/\n {2}AK {17}made, modulus [0-9a-f]{16}\.\.\.\n/);
      const quiet = await vmgs(["tpm", "provision", ...engine, "--akcert-size", "2048", "-q"]);
      expect([quiet.code, quiet.stdout, quiet.stderr]).toEqual([0, "", ""]);
    });

    test("conformance passes, as text, JSON and JUnit XML", async () => {
      const file = join(await makeFolder(), "junit.xml");
      const { code, stdout } = await vmgs(["tpm", "conformance", ...engine, "--junit", file]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/\n11 checks: 11 passed, 0 failed, 0 skipped\n$/);
      const xml = await readFile(file, "utf8");
      expect(xml).toMatch(
        /<testsuite name="[^"]*" tests="11" failures="0" errors="0" skipped="0" time="\d+\.\d{3}">/,
      );
      expect(xml.match(/<testcase /g)).toHaveLength(11);
      const document = await vmgsJson(["tpm", "conformance", ...engine]);
      expectValid(document);
      expect(document).toMatchObject({ passed: 11, failed: 0, skipped: 0, indexSize: 2048 });
      const alone = await vmgs(["tpm", "conformance", ...engine, "--junit", "-"]);
      expect(alone.stdout).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/);
      expect(alone.stdout).toMatch(/<\/testsuites>\n$/);
    });

    test("conformance of a TPM that can't be restarted skips checks, in JUnit too", async () => {
      const [bare = ""] = swtpm.address.split("?");
      const { code, stdout } = await vmgs([
        "tpm",
        "conformance",
        "--engine",
        `${bare}?control=none`,
        "--junit",
        "-",
      ]);
      expect(code).toBe(0);
      expect(stdout).toContain('skipped="2"');
      expect(stdout.match(/<skipped message="[^"]*can't be restarted from here"\/>/g)).toHaveLength(2);
    });

    test("an output that exists is not replaced without --force, and the TPM is not touched", async () => {
      const file = join(await makeFolder(), "kept");
      await writeFile(file, "kept");
      for (const argv of [
        ["conformance", "--junit", file],
        ["provision", "--save-state", file],
      ]) {
        const { code, stderr } = await vmgs(["tpm", ...argv, "--engine", "swtpm://127.0.0.1:1"]);
        expect([code, stderr]).toEqual([1, expect.stringContaining("exists already")]);
        expect(await readFile(file, "utf8")).toBe("kept");
      }
    });

    test("an output that can't be written is told before the TPM is touched", async () => {
      const file = join(await makeFolder(), "none", "x");
      for (const argv of [
        ["conformance", "--junit", file],
        ["provision", "--save-state", file],
      ]) {
        const { code, stderr } = await vmgs(["tpm", ...argv, "--engine", "swtpm://127.0.0.1:1"]);
        expect([code, stderr]).toEqual([
          1,
          expect.stringContaining("would lie in a folder that does not exist"),
        ]);
      }
    });

    test("Ctrl-C ends a command with 130", async () => {
      const controller = new AbortController();
      controller.abort();
      const { code } = await vmgs(["tpm", "conformance", ...engine], { signal: controller.signal });
      expect(code).toBe(130);
    });
  },
);

describe("bad arguments", () => {
  const cases: [argv: string[], code: number, words: string][] = [
    [["conformance"], 2, "--engine is missing"],
    [["provision", "--engine", "tpm2"], 2, "tpm2 is not a TPM engine"],
    [["provision", "--engine", "swtpm://h:0"], 2, "0 is not a port"],
    [["provision", "--engine", "swtpm://127.0.0.1:1", "--timeout", "0"], 2, "--timeout"],
    [["provision", "--engine", "swtpm://127.0.0.1:1", "--timeout", "soon"], 2, "--timeout"],
    [["provision", "--engine", "swtpm://127.0.0.1:1"], 1, "can't be reached"],
    [["provision", "--engine", "device:/dev/tpmrm0"], 2, "is a TPM of this machine"],
    [["conformance", "--engine", "device:/dev/tpmrm0"], 2, "is a TPM of this machine"],
    [["provision", "--engine", "swtpm://h:1", "--akcert-size", "70000"], 2, "1 to 65535 bytes"],
    [["provision", "--engine", "swtpm://h:1", "--pcr-banks", "MD5"], 2, "is not a PCR bank"],
    [["provision", "--engine", "swtpm://h:1", "--pcr-banks", "SHA256", "--clear"], 2, "exclude each other"],
    [
      ["provision", "--engine", "swtpm://h:1", "--certificate", "package.json"],
      2,
      "not a certificate in DER",
    ],
    [["provision", "--engine", "swtpm://h:1", "--certificate", "/none/x"], 1, "does not exist"],
    [
      ["provision", "--engine", "swtpm://h:1", "--state", "package.json", "--dry-run"],
      2,
      "--dry-run excludes",
    ],
    [["conformance", "--engine", "swtpm://h:1", "--junit", "-", "--json"], 2, "--json excludes --junit -"],
  ];
  for (const [argv, code, words] of cases) {
    test(`vmgs tpm ${argv.join(" ")}`, async () => {
      const run = await vmgs(["tpm", ...argv]);
      expect([run.code, run.stdout, run.stderr]).toEqual([code, "", expect.stringContaining(words)]);
    });
  }
});

test("text in XML is escaped, and what XML has no place for is replaced", () => {
  expect(escapeXml(`<a b="c">&'\n\t\u0000\u001b[31m\ud800\uffff ]]> 😀`)).toBe(
    "&lt;a b=&quot;c&quot;&gt;&amp;'&#10;&#9;\ufffd\ufffd[31m\ufffd\ufffd ]]&gt; 😀",
  );
});
