/** What was typed in the wrong place is not repeated: keys, and secrets in URLs. Nothing invisible is shown. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapeText, hideKeys, isSafeText, jsonLine, looksLikeKey } from "../src/terminal/index.ts";
import { vmgs } from "./support/cli.ts";
import { makeFolder, makeStore } from "./support/folder.ts";
import { testKey } from "./support/secrets.ts";
import { vmgstool } from "./support/vmgstool.ts";

const key = Buffer.from(testKey(77));
const hex = key.toString("hex");
const FORMS: readonly (readonly [name: string, text: string])[] = [
  ["hex", hex],
  ["capital hex", hex.toUpperCase()],
  ["hex with 0x", `0x${hex}`],
  ["hex with a blank", `${hex} `],
  ["hex in quotes", `"${hex}"`],
  ["hex in groups", (hex.match(/../g) ?? []).join(" ")],
  ["hex with colons", (hex.match(/../g) ?? []).join(":")],
  ["hex that was cut", hex.slice(0, 60)],
  ["base64", key.toString("base64")],
  ["base64 without padding", key.toString("base64").replace("=", "")],
  ["base64url", key.toString("base64url")],
];

describe.each(FORMS)("a key as %s", (_name, text) => {
  test("is not repeated, wherever it was typed", async () => {
    const { file } = await makeStore();
    const before = text.slice(2, 42);
    for (const argv of [
      [text],
      ["inspect", text],
      ["inspect", text, "--json"],
      ["doctor", text, "--json"],
      ["marker", "--json", text],
      ["cat", file, text],
      ["cat", file, "18", "--key", text],
      ["cat", file, "18", `--key=${text}`, "--json"],
      ["cat", file, "18", `--kee=${text}`],
      ["put", file, "3", text],
      ["put", file, "3", "/dev/null", "--backup", text],
      ["help", text],
      ["uefi", "show", file, "PK", "--vendor", text],
      ["tpm", "conformance", "--engine", text],
    ]) {
      const { stdout, stderr } = await vmgs(argv, { env: { VMGS_DEBUG: "1" } });
      expect(`${stdout}${stderr}`, argv.join(" ")).not.toContain(before);
    }
    for (const argv of [
      [text],
      ["dump", "-f", file, "-i", text],
      ["dump", "-f", text, "-i", "3"],
      ["dump", "-f", file, "-i", "3", "-k", text],
      ["dump", "-f", file, "-i", "3", `-k${text}`],
      ["write", "-f", file, "-i", "3", "-d", text, "--json"],
    ]) {
      const { stdout, stderr } = await vmgstool(argv, { env: { VMGS_DEBUG: "1" } });
      expect(`${stdout}${stderr}`, argv.join(" ")).not.toContain(before);
    }
  });
});

test("every key of 32 bytes looks like one, in hex and in base64", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      const buffer = Buffer.from(bytes);
      const mixed = /[a-z]/.test(buffer.toString("base64")) && /[A-Z]/.test(buffer.toString("base64"));
      expect(looksLikeKey(buffer.toString("hex"))).toBe(true);
      expect(looksLikeKey(buffer.toString("base64"))).toBe(true);
      if (mixed) expect(looksLikeKey(buffer.toString("base64url"))).toBe(true);
    }),
  );
});

test("names of files, sizes and GUIDs are no keys", () => {
  for (const text of [
    `/var/lib/stores/${hex}/vm.vmgs`,
    `${hex}.vmgs`,
    "8be4df61-93ca-11d2-aa0d-00e098032b8c",
    "/srv/guest-state/production/eu-west/vm-0042",
    "sequence 4, 1048576 bytes of 4194304",
  ]) {
    expect(hideKeys(text)).toBe(text);
  }
});

const SIGNED =
  "https://user:Pa55word@acct.blob.core.windows.net/c/vm.vmgs?sv=2024-11-04&se=2027-01-01T00%3A00Z&sr=b&sig=c2VjcmV0c2ln%3D";

describe("a URL", () => {
  test("as FILE is called one, with the way to download it, and none of its secrets", async () => {
    for (const argv of [
      ["put", SIGNED, "3", "/dev/null"],
      ["cat", (await makeStore()).file, "18", "-o", SIGNED],
      [SIGNED],
    ]) {
      const { code, stdout, stderr } = await vmgs(argv, { env: { VMGS_DEBUG: "1" } });
      expect(code).not.toBe(0);
      expect(`${stdout}${stderr}`, argv.join(" ")).not.toMatch(/Pa55word|c2VjcmV0c2ln|2027-01-01/);
      if (argv.length > 1) expect(stderr).toContain("this is a URL");
      if (argv.length > 1) expect(stderr).toContain("curl");
    }
  });

  test("keeps what is no secret", () => {
    expect(escapeText(SIGNED)).toBe(
      "https://<hidden>@acct.blob.core.windows.net/c/vm.vmgs?sv=2024-11-04&se=<hidden>&sr=b&sig=<hidden>",
    );
    for (const text of [
      "http://boot.example/x.efi?arch=x64",
      "size=4, blocks=7",
      "a@b.example",
      "PATH=x:y",
    ]) {
      expect(escapeText(text)).toBe(text);
    }
  });

  test.each(["access_token=abc", "x-amz-signature=abc", "AccountKey=abc;x", "Password=abc", "sig%3Dabc"])(
    "hides %s, in documents as well",
    (parameter) => {
      expect(escapeText(`https:/h/p?a=b&${parameter}`)).not.toContain("abc");
      expect(escapeText(`https://h/p#${parameter}`)).not.toContain("abc");
      const line = jsonLine({ url: `https://h/p?${parameter}`, after: 1 });
      expect(line).not.toContain("abc");
      expect(JSON.parse(line)).toMatchObject({ after: 1 });
    },
  );
});

test("no message or document shows a secret of a URL, wherever it stands and whatever it holds", () => {
  const secret = fc
    .array(fc.constantFrom(..."abcXYZ0189/:+~.!$*,@%-_=?".split("")), { minLength: 0, maxLength: 12 })
    .map((chars) => `Qz7${chars.join("")}7zQ`);
  const parameter = fc.constantFrom("key", "sig", "se", "token", "password", "X-Amz-Signature", "code");
  const place = fc.oneof(
    secret.map((word) => [`https://user:${word}@host.example/c/vm.vmgs`, word] as const),
    secret.map((word) => [`https://${word}@host.example/c/vm.vmgs`, word] as const),
    fc
      .tuple(fc.constantFrom("?", "#", "?a=b&", "#a=b&"), parameter, secret)
      .map(([mark, name, word]) => [`https://host.example/c/vm.vmgs${mark}${name}=${word}`, word] as const),
  );
  fc.assert(
    fc.property(place, fc.constantFrom("", "copy of ", "the file "), ([url], before) => {
      for (const shown of [
        escapeText(`${before}${url}: no`),
        jsonLine({ error: { message: url }, file: url }),
      ]) {
        expect(shown).not.toMatch(/Qz7|7zQ/);
      }
    }),
    { numRuns: 1000 },
  );
});

test("a name with bytes that are not UTF-8 is said to be one", async () => {
  const { stderr } = await vmgs(["inspect", `${await makeFolder()}/vm-\ufffd.vmgs`]);
  expect(stderr).toContain("not UTF-8");
});

test("characters that show nothing, or change what is shown, are escaped", () => {
  const invisible = [
    0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x17b4, 0x180e, 0x200b, 0x202e, 0x2060, 0x2066, 0x3164,
  ];
  invisible.push(0xfe0f, 0xfeff, 0xffa0, 0xfff9, 0x1d173, 0xe0001, 0xe0041, 0xe0100);
  for (const code of invisible) {
    const text = `a${String.fromCodePoint(code)}b`;
    expect(isSafeText(text), code.toString(16)).toBe(false);
    expect(escapeText(text)).toMatch(/^a(\\u[0-9a-f]{4})+b$/);
    expect(JSON.parse(jsonLine({ text }))).toEqual({ text });
  }
  expect(escapeText("ä€😀 한글 中文")).toBe("ä€😀 한글 中文");
});
