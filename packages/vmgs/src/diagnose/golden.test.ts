/** Every golden store: the doctor names what is wrong with it, and finds nothing bad in a healthy one. */

import { describe, expect, test } from "vitest";
import { type GoldenStore, goldenImage, goldenStores, sha256 } from "../../test/golden-data.ts";
import type { ContainerOptions } from "../disk/index.ts";
import { fromHex } from "../layout/index.ts";
import { memorySource } from "../source/index.ts";
import { type Diagnosis, diagnose, type FindingId } from "./index.ts";

/** What is wrong with each store that is not healthy; one with a key is looked into with it. */
const EXPECTED: Readonly<Record<string, FindingId>> = {
  "corrupt-511-bytes": "container-too-small",
  "corrupt-512-zeros": "container-blank-without-footer",
  "corrupt-active-header-checksum": "header-active-lost",
  "corrupt-algorithm-1-no-keys": "encryption-no-key-slot",
  "corrupt-algorithm-2": "headers-none-valid",
  "corrupt-both-headers-checksum": "headers-none-valid",
  "corrupt-enc-data-flip": "encryption-file-damaged",
  "corrupt-enc-data-zeros": "encryption-content-wiped",
  "corrupt-enc-eft-attr-zero": "table-extended-attributes",
  "corrupt-enc-eft-flip": "encryption-table-unreadable",
  "corrupt-enc-ft-attr-zero": "table-attributes-differ",
  "corrupt-enc-nonce-flip": "encryption-file-damaged",
  "corrupt-enc-tag-flip": "encryption-file-damaged",
  "corrupt-entry-0-elsewhere": "table-own-entries",
  "corrupt-entry-0-missing": "table-own-entries",
  "corrupt-entry-63-missing": "table-own-entries",
  "corrupt-entry-attributes-plain-store": "table-encrypted-in-plain-store",
  "corrupt-entry-offset-1": "table-entry-impossible",
  "corrupt-entry-overlap": "table-overlap",
  "corrupt-entry-overlaps-table": "table-overlap",
  "corrupt-entry-past-end": "table-entry-impossible",
  "corrupt-entry-unassigned-12": "table-unassigned-file",
  "corrupt-entry-valid-huge": "table-entry-impossible",
  "corrupt-entry-valid-too-large": "table-entry-impossible",
  "corrupt-entry-wrap": "table-entry-impossible",
  "corrupt-equal-sequences": "headers-sequence-conflict",
  "corrupt-footer-checksum": "container-footer-checksum",
  "corrupt-footer-cookie": "container-footer-cookie",
  "corrupt-footer-dynamic": "container-not-fixed",
  "corrupt-footer-missing": "container-footer-missing",
  "corrupt-footer-size-larger": "container-truncated",
  "corrupt-footer-size-odd": "container-footer-size",
  "corrupt-footer-size-smaller": "container-disk-smaller",
  "corrupt-footer-version": "container-footer-version",
  "corrupt-header-reserved": "table-reserved",
  "corrupt-header-size": "headers-none-valid",
  "corrupt-sequence-gap": "headers-sequence-conflict",
  "corrupt-signature-one": "header-active-lost",
  "corrupt-slack-data": "slack-data",
  "corrupt-stale-header-checksum": "header-other-damaged",
  "corrupt-table-offset-1": "headers-none-valid",
  "corrupt-table-offset-past-end": "table-out-of-range",
  "corrupt-table-size-2": "headers-none-valid",
  "corrupt-truncated-1-byte": "container-odd-size",
  "corrupt-truncated-middle": "container-truncated",
  "corrupt-v1-gpt": "headers-v1",
  "corrupt-version-2": "headers-version",
  "corrupt-version-4-newer": "header-active-lost",
  // A VHDX signature in the place of the older header, in a fixed VHD.
  "corrupt-vhdx": "header-other-damaged",
  // Healthy for the reference; what may be found is no more than a warning.
  "blank-host": "headers-blank",
  "encrypted-kind-unknown": "encryption-protection-unknown",
  "encrypted-later": "encryption-file-plain",
  "encrypted-locked-overwrite": "table-attributes-differ",
  "encrypted-stale-slot": "encryption-stale-slot",
  "encrypted-two-keys": "encryption-two-keys",
  "encrypted-two-keys-other": "encryption-two-keys",
  "format-only": "header-single",
  full: "space-low",
  "marker-in-17": "marker-misplaced",
  "marker-malformed": "marker-malformed",
  "marker-null-reason": "marker-unknown-provisioner",
  "provisioned-request": "header-reprovisioned",
  "tiny-4-blocks": "space-too-small",
  "tiny-5-blocks": "space-too-small",
  "zero-metadata-key": "encryption-zero-metadata-key",
  "zero-metadata-key-two-keys": "encryption-zero-metadata-key",
};

/** Its image is the sound base that the others were made from. */
const NOTHING_WRONG = ["corrupt-zero-bytes"];

const now = new Date("2026-12-01T00:00:00Z");

/** Least and most bytes of the small files that stop a boot otherwise (spec: guest-files, 1 and 2). */
const SIZES: Readonly<Record<number, readonly [least: number, most: number]>> = {
  2: [28, 28],
  4: [8, 8],
  5: [0, 2048],
  6: [256, 2060],
  7: [16, Number.POSITIVE_INFINITY],
};

/** The golden stores hold patterns in small files: those of a wrong size stop the boot, where they can be read. */
function guestFilesOfWrongSize({ layout }: GoldenStore, withKey: boolean): number[] {
  return (layout?.files ?? [])
    .filter(({ id, bytes, attributes }) => {
      const [least, most] = SIZES[id] ?? [0, Number.POSITIVE_INFINITY];
      return (attributes === 0 || withKey) && (bytes < least || bytes > most);
    })
    .map(({ id }) => id);
}

async function diagnoseGolden(golden: GoldenStore, withKey = false): Promise<Diagnosis> {
  const raw: ContainerOptions = { container: "raw", sectorSize: golden.sectorSize };
  const isRaw = golden.container === "raw" && !golden.name.startsWith("corrupt-");
  const key = withKey ? fromHex(golden.keys[0] ?? "") : undefined;
  const image = memorySource(await goldenImage(golden.name));
  return diagnose(image, { ...(isRaw && raw), ...(key && { key }), now });
}

/** Files 1, 3, 6 and 9 of most of these stores are patterns, with which no vTPM and no firmware starts. */
const OF_A_PATTERN: ReadonlySet<string> = new Set([
  "tpm-start-fails",
  "tpm-state-size",
  "uefi-list-unrecognized",
  "uefi-custom-stops-boot",
  "key-protector-damaged",
  // Encrypted, and without the files that give a host the key.
  "encryption-protection-unknown",
]);

const idsOf = ({ findings }: Diagnosis) => findings.map(({ id }) => id);

describe.each(goldenStores.map((golden) => [golden.name, golden] as const))("%s", (name, golden) => {
  const expected = EXPECTED[name];
  const isCorrupt = name.startsWith("corrupt-") && !NOTHING_WRONG.includes(name);

  if (expected !== undefined) {
    test(`has the finding ${expected}`, async () => {
      expect(idsOf(await diagnoseGolden(golden, golden.keys.length > 0))).toContain(expected);
    });
  } else {
    test("has an expected finding if it is corrupt", () => {
      expect(isCorrupt).toBe(false);
    });
  }

  if (!isCorrupt && !name.startsWith("zero-metadata-key")) {
    test("is usable: nothing that is found is an error", async () => {
      for (const withKey of golden.keys.length > 0 ? [false, true] : [false]) {
        const { findings, verdict } = await diagnoseGolden(golden, withKey);
        const stops = findings.filter(({ id }) => id === "guest-file-stops-boot");
        const readable = guestFilesOfWrongSize(golden, withKey);
        expect(stops.map(({ evidence }) => evidence.fileId)).toEqual(readable);
        const bad = findings.filter(({ severity }) => severity === "error" || severity === "critical");
        expect(bad.filter((one) => !stops.includes(one) && !OF_A_PATTERN.has(one.id))).toEqual([]);
        if (bad.length === 0) expect(["sound", "usable"]).toContain(verdict);
      }
    });
  }

  test("stays as it is, and no key is told", async () => {
    const image = await goldenImage(name);
    const key = fromHex(golden.keys[0] ?? "00") as Uint8Array;
    const diagnosis = await diagnose(memorySource(image), golden.keys.length > 0 ? { key, now } : { now });
    expect(await sha256(image)).toBe(golden.sha256);
    const text = JSON.stringify(diagnosis, (_, value) => (typeof value === "bigint" ? String(value) : value));
    for (const hex of golden.keys) expect(text).not.toContain(hex);
  });
});

describe("the zero metadata key", () => {
  const flawed = goldenStores.filter(({ name }) => /^zero-metadata-key(-two-keys)?$/.test(name));

  test.each(flawed.map((golden) => [golden.name, golden] as const))(
    "%s is critical without any key",
    async (_, golden) => {
      const { verdict, findings, encryption } = await diagnoseGolden(golden);
      expect(verdict).toBe("critical");
      expect(findings[0]).toMatchObject({ id: "encryption-zero-metadata-key", severity: "critical" });
      expect(encryption?.unlocked).toBe(false);
    },
  );

  test("is gone after a write by a fixed build", async () => {
    const cured = goldenStores.find(({ name }) => name === "zero-metadata-key-cured") as GoldenStore;
    expect(idsOf(await diagnoseGolden(cured))).not.toContain("encryption-zero-metadata-key");
  });
});

describe("without a key", () => {
  const encrypted = goldenStores.find(({ name }) => name === "encrypted") as GoldenStore;
  const byId = goldenStores.find(({ name }) => name === "encrypted-gspbyid") as GoldenStore;

  test("says what was not looked at, and what it would take", async () => {
    const { notChecked, summary } = await diagnoseGolden(encrypted);
    // Its key protector is a pattern; the reference leaves old bytes behind the ends of files.
    expect(summary).toBe("damaged: a file of the guest stops the boot, and 1 other finding");
    const { summary: usable } = await diagnoseGolden(byId);
    expect(usable).toMatch(/^usable, with \d warnings?: .*; what is encrypted was not looked at$/);
    const what = notChecked.filter(({ needs }) => needs === "key").map((one) => one.what);
    expect(what).toEqual([
      "BIOS_NVRAM (1): boot entries and secure boot, its tag",
      "TPM_NVRAM (3): damage, AK certificate, agreement with the marker, its tag",
      "whether both file tables agree, and the keys in the extended one",
    ]);
    expect((await diagnoseGolden(encrypted, true)).notChecked.filter(({ needs }) => needs === "key")).toEqual(
      [],
    );
  });

  test("a stale key slot is found all the same", async () => {
    const stale = goldenStores.find(({ name }) => name === "encrypted-stale-slot") as GoldenStore;
    const { findings } = await diagnoseGolden(stale);
    expect(findings.find(({ id }) => id === "encryption-stale-slot")?.evidence.slot).toBe(0);
  });

  test("a key that does not fit is no fault of the store", async () => {
    const { keyError, verdict } = await diagnose(memorySource(await goldenImage("encrypted-gspbyid")), {
      key: new Uint8Array(32).fill(7),
      now,
    });
    expect(keyError?.code).toBe("VMGS_WRONG_KEY");
    expect(verdict).toBe("usable");
  });
});
