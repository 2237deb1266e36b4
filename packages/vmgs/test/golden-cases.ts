/** What each file of test/golden/cases is, and what is right about it. */

import type { BootOutcome, FindingId, Verdict } from "../src/diagnose/index.ts";
import { createStoreImage } from "./diagnosis-fixtures.ts";
import { goldenCase } from "./golden-data.ts";

interface Right {
  readonly verdict: Verdict;
  /** What the default boot does. */
  readonly boot: BootOutcome;
  /** All findings, without notes: those say that a certificate has expired, or that there is no marker. */
  readonly findings: readonly FindingId[];
}

interface InStore extends Right {
  /** Where a store holds the file. */
  readonly fileId: number;
  readonly encrypted?: true;
}

/** A case, and what is right about it. */
export type GoldenCase =
  | ({ readonly kind: "file" } & InStore)
  | ({ readonly kind: "image" } & Right)
  /** Not a store, and what it is named. */
  | { readonly kind: "foreign"; readonly is: string }
  /** An input of commands, whose tests say what is right. */
  | { readonly kind: "source" };

const file = (
  fileId: number,
  verdict: Verdict,
  boot: BootOutcome,
  findings: readonly FindingId[],
  encrypted?: true,
): GoldenCase => ({ kind: "file", fileId, verdict, boot, findings, ...(encrypted && { encrypted }) });

const list = (verdict: Verdict, boot: BootOutcome, ...findings: FindingId[]) =>
  file(1, verdict, boot, findings);

const foreign = (is: string): GoldenCase => ({ kind: "foreign", is });
const source: GoldenCase = { kind: "source" };

/** A case that is a file which commands open, or becomes one. */
export type CaseFile = Exclude<GoldenCase, { readonly kind: "source" }>;

/** By the name of the file. */
export const goldenCaseRows: ReadonlyMap<string, GoldenCase> = new Map<string, GoldenCase>([
  ["token-zero.bin", file(14, "sound", "starts", [])],
  ["token-v1_9.bin", file(14, "usable", "starts", ["guest-hibernated"])],
  ["hwkp-v3.bin", file(11, "sound", "starts", [], true)],
  ["kp-short.bin", file(6, "damaged", "fails", ["guest-file-stops-boot"])],
  ["tpm-ek.bin.gz", file(3, "sound", "starts", [])],
  ["custom-utf8-bom.json", file(9, "damaged", "fails", ["uefi-custom-stops-boot"])],
  ["sb-list.bin", list("sound", "starts")],
  ["dbx-zero.bin", list("usable", "starts", "uefi-dbx-empty")],
  ["revoked-2011-no-2023.bin", list("damaged", "starts", "uefi-windows-revoked", "uefi-2011-only")],
  ["db-none.bin", list("damaged", "fails", "uefi-nothing-trusted", "uefi-kek-2011-only")],
  ["kek-2011-only.bin", list("usable", "starts", "uefi-kek-2011-only")],
  ["pkfail.bin", list("usable", "starts", "uefi-test-key")],
  ["nullpk.bin", list("usable", "starts", "uefi-kek-2011-only", "uefi-no-certificate")],
  ["oddcerts.bin", list("usable", "starts", "uefi-kek-missing", "uefi-test-key", "uefi-no-certificate")],
  ["full.bin.gz", list("usable", "starts", "uefi-space-low", "uefi-boot-entries-repeated", "uefi-test-key")],
  ["bootzoo.bin", list("sound", "starts")],
  ["boot-app.bin", list("sound", "starts")],
  [
    "encrypt-wipe-leftover.vmgs.gz",
    {
      kind: "image",
      verdict: "damaged",
      boot: "fails",
      findings: ["encryption-plain-leftover", "encryption-protection-unknown", "guest-clock-behind"],
    },
  ],
  [
    "vars-2m.vmgs.gz",
    { kind: "image", verdict: "damaged", boot: "fails", findings: ["uefi-list-damaged", "space-low"] },
  ],
  ["tar-of-a-store.tar.gz", foreign("a tar archive")],
  ["c-x.xz.gz", foreign("an xz-compressed file")],
  ["c-x.7z.gz", foreign("a 7z archive")],
  ["c-x.vdi.gz", foreign("a VDI image")],
  ["c-git-lfs.gz", foreign("a Git LFS pointer")],
  ["c-blob-error.xml.gz", foreign("an XML document")],
  ["replace-no-dbx.json", source],
  ["qemu-uefi-vars.json", source],
  ["gallery.json", source],
  ["lab-db.auth", source],
  ["lab-db.der", source],
  ["dbx.esl", source],
]);

/** The bytes of the file that a case is about: the case itself, or a store with it. */
export async function caseImage(name: string, row: CaseFile): Promise<Uint8Array<ArrayBuffer>> {
  const content = await goldenCase(`cases/${name}`);
  if (row.kind !== "file") return content;
  const key = row.encrypted && new Uint8Array(32).fill(7);
  return createStoreImage({ [row.fileId]: content }, { blocks: 128, ...(key && { key }) });
}
