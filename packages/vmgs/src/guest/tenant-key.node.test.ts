/** A tenant's private key is read in every form that people keep it in, and never quoted. */

import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codeOf, errorOf } from "../../test/expect-error.ts";
import { Secret } from "../secret/index.ts";
import { certificatesIn, deriveCandidates, importTenantKey, makeKeyProtector } from "./index.ts";

const folder = new URL("../../test/golden/tenant-key/", import.meta.url);
const read = (name: string) => new Uint8Array(readFileSync(new URL(name, folder)));
const text = (content: string) => new TextEncoder().encode(content);
const passphrase = new Secret(text("opensesame"));
const names = readdirSync(folder).filter(
  (name) => /\.(pem|der)$/.test(name) && !name.startsWith("certificate"),
);
const isLocked = (name: string) => /^(encrypted|traditional)/.test(name);
const readable = names.filter((name) => !name.startsWith("refused"));

const key = new Secret(Uint8Array.from({ length: 32 }, (_, i) => i + 1));
const [certificate = new Uint8Array(0)] = certificatesIn(read("certificate.pem"));

describe.each(readable)("%s", (name) => {
  test("unwraps what was wrapped for its certificate", async () => {
    const keyProtector = await makeKeyProtector(key, certificate);
    const tenantKey = await importTenantKey(read(name), isLocked(name) ? { passphrase } : {});
    const { candidates, missing } = await deriveCandidates({ keyProtector, tenantKey });
    expect(candidates.map(({ scheme, entry }) => [scheme, entry])).toEqual([["tenantKey", "ingress"]]);
    expect(candidates[0]?.key.equals(key)).toBe(true);
    expect(missing).toEqual([{ entry: "egress", reason: "entryEmpty" }]);
  });

  test("cut or changed anywhere is refused, or the same key, and no message quotes it", async () => {
    const content = read(name);
    await fc.assert(
      fc.asyncProperty(fc.nat(content.length - 1), fc.nat(255), fc.boolean(), async (at, value, cut) => {
        const changed = cut ? content.slice(0, at) : content.slice();
        if (!cut) changed[at] = value;
        const code = await codeOf(() => importTenantKey(changed, { passphrase }));
        expect(["done", "VMGS_TENANT_KEY", "VMGS_TENANT_KEY_LOCKED"]).toContain(code);
      }),
      { numRuns: 60 },
    );
  });
});

test.each(names.filter(isLocked))("%s needs its passphrase", async (name) => {
  expect(await codeOf(() => importTenantKey(read(name)))).toBe("VMGS_TENANT_KEY_LOCKED");
  const wrong = { passphrase: new Secret(text("hunter2")) };
  const error = await errorOf(() => importTenantKey(read(name), wrong));
  // A wrong passphrase may by chance end in sound padding: then the bytes are no key.
  expect(["VMGS_TENANT_KEY_LOCKED", "VMGS_TENANT_KEY"]).toContain(error.code);
  expect(error.message).not.toContain("hunter2");
});

test.each([...names.filter((name) => name.startsWith("refused")), "certificate.pem", "certificate.der"])(
  "%s is refused",
  async (name) => {
    expect(await codeOf(() => importTenantKey(read(name), { passphrase }))).toBe("VMGS_TENANT_KEY");
  },
);

test("a value that ASN.1 does not allow is refused as what is not a key", async () => {
  const malformedTime = Uint8Array.of(0x18, 0x01, 0x78);
  await expect(importTenantKey(malformedTime)).rejects.toMatchObject({ code: "VMGS_TENANT_KEY" });
});

test("a key is protected only for an RSA certificate", async () => {
  expect(await codeOf(() => makeKeyProtector(key, read("pkcs8.der")))).toBe("VMGS_TENANT_CERTIFICATE");
  expect(certificatesIn(read("certificate.der"))).toEqual([certificate]);
});
