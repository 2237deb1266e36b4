/** The file around the store. Pure. */

import type { ErrorCode, VmgsError } from "../../errors/index.ts";
import {
  BLOCK_SIZE,
  isAllZero,
  VHD_COOKIE,
  VHD_FOOTER_SIZE,
  vhdChecksum,
  vhdFooter,
} from "../../format/index.ts";
import { decode, exactNumber, toHex } from "../../layout/index.ts";
import type { FindingId } from "../catalogue/index.ts";
import { type ContainerEvidence, MOST_SEARCHED } from "../evidence/index.ts";
import { type Finding, type FindingEvidence, finding } from "../finding.ts";
import type { Evidence } from "./evidence.ts";

/** Errors of detection that are a finding of their own. */
const BY_CODE: Partial<Record<ErrorCode, FindingId>> = {
  VMGS_DISK_EMPTY: "container-zero-bytes",
  VMGS_DISK_SIZE: "container-odd-size",
  VMGS_OTHER_DISK_FORMAT: "container-other-format",
  VMGS_VHD_CHECKSUM: "container-footer-checksum",
  VMGS_VHD_VERSION: "container-footer-version",
  VMGS_VHD_NOT_FIXED: "container-not-fixed",
};

/** What is wrong with the file. */
export function containerFindings({ container }: Evidence): Finding[] {
  const found = container.error === null ? [] : [refusal(container, container.error)];
  return [...found, ...footerFindings(container), ...diskFindings(container)];
}

function refusal(container: ContainerEvidence, error: VmgsError): Finding {
  const { fileBytes } = container;
  const facts: FindingEvidence = { fileBytes, ...offsetOf(error), code: error.code };
  if (error.code === "VMGS_VHD_SIZE") return wrongSize(container, error, facts);
  if (error.code === "VMGS_VHD_FOOTER_MISSING") return withoutFooter(container, facts);
  // Below one sector there is nothing to repair or to carve.
  if (error.code === "VMGS_DISK_SIZE" && fileBytes < VHD_FOOTER_SIZE) {
    return finding("container-too-small", error.message, facts);
  }
  const footerAt = error.code === "VMGS_DISK_SIZE" ? container.cookieAt : null;
  const where = footerAt === null ? "" : `; a VHD footer begins at ${footerAt}`;
  return finding(BY_CODE[error.code] ?? "container-unrecognized", `${error.message}${where}`, {
    ...facts,
    ...(footerAt !== null && { footerAt }),
  });
}

const offsetOf = ({ facts: { offset } }: VmgsError): FindingEvidence =>
  offset === undefined ? {} : { offset };

function wrongSize(
  { fileBytes, footer }: ContainerEvidence,
  error: VmgsError,
  facts: FindingEvidence,
): Finding {
  const size = footer === null ? 0n : decode(vhdFooter, footer).currentSize;
  const diskBytes = exactNumber(size);
  const room = BigInt(fileBytes - VHD_FOOTER_SIZE);
  if (size <= room) return finding("container-footer-size", error.message, { ...facts, diskBytes });
  const missing = size - room;
  return finding("container-truncated", `${error.message}: ${missing} bytes are missing`, {
    ...facts,
    diskBytes,
    missing: exactNumber(missing),
  });
}

/** What of so many bytes is known to be zero. */
export function zeros(byteLength: number): string {
  return byteLength <= MOST_SEARCHED ? "all bytes are zero" : `the first ${MOST_SEARCHED} bytes are zero`;
}

function withoutFooter(container: ContainerEvidence, facts: FindingEvidence): Finding {
  if (container.firstByteAt === null) {
    return finding("container-blank-without-footer", `${zeros(container.fileBytes)}`, facts);
  }
  if (hasLostItsCookie(container)) return lostCookie(container);
  if (!container.hasSignature) {
    return finding(
      "container-unrecognized",
      "no VHD footer at the end, no header at byte 0, 512 or 4096",
      facts,
    );
  }
  return missingFooter(container);
}

function missingFooter({ fileBytes }: ContainerEvidence): Finding {
  const offset = Math.max(0, fileBytes - VHD_FOOTER_SIZE);
  return finding("container-footer-missing", "the file does not end with a VHD footer", {
    offset,
    fileBytes,
  });
}

function lostCookie({ fileBytes, footer }: ContainerEvidence): Finding {
  const cookie = toHex((footer as Uint8Array).subarray(0, VHD_COOKIE.length));
  return finding(
    "container-footer-cookie",
    `the last 512 bytes are a VHD footer, but begin with ${cookie} instead of "${VHD_COOKIE}"`,
    { offset: fileBytes - VHD_FOOTER_SIZE, cookie },
  );
}

/** With the right cookie its checksum would be right. */
function hasLostItsCookie({ footer }: ContainerEvidence): boolean {
  if (footer === null || isAllZero(footer)) return false;
  const mended = footer.slice();
  for (let i = 0; i < VHD_COOKIE.length; i++) mended[i] = VHD_COOKIE.charCodeAt(i);
  const { checksum } = decode(vhdFooter, mended);
  return checksum !== 0 && checksum === vhdChecksum(mended);
}

/** Of a container that was recognised. */
function footerFindings(evidence: ContainerEvidence): Finding[] {
  const { container, behindDiskAt, fileBytes } = evidence;
  if (container === null) return [];
  const found: Finding[] = [];
  if (container.warnings.some(({ code }) => code === "VMGS_RAW_WITHOUT_FOOTER")) {
    found.push(hasLostItsCookie(evidence) ? lostCookie(evidence) : missingFooter(evidence));
  }
  const { reserved } = vhdFooter.offsets;
  if (container.footerBytes !== null && !isAllZero(container.footerBytes, reserved)) {
    const offset = fileBytes - VHD_FOOTER_SIZE + reserved;
    found.push(finding("container-footer-reserved", "reserved bytes of the footer are not zero", { offset }));
  }
  const { diskBytes } = container;
  if (container.kind === "vhd" && diskBytes < fileBytes - VHD_FOOTER_SIZE) {
    const behind = fileBytes - VHD_FOOTER_SIZE - diskBytes;
    const data = behindDiskAt === null ? "all of them zero" : `with data from ${behindDiskAt} on`;
    found.push(
      finding(
        "container-disk-smaller",
        `the footer says ${diskBytes} bytes; ${behind} more lie before it, ${data}`,
        {
          offset: diskBytes,
          diskBytes,
          behind,
          ...(behindDiskAt !== null && { dataAt: behindDiskAt }),
        },
      ),
    );
  }
  return found;
}

const LARGEST_FOR_REFERENCE = 2 ** 32;

function diskFindings({ container, disk }: ContainerEvidence): Finding[] {
  const found: Finding[] = [];
  if (container?.warnings.some(({ code }) => code === "VMGS_SECTOR_SIZE_ASSUMED")) {
    const { sectorSize } = container;
    found.push(
      finding(
        "container-sector-size-unknown",
        `the image does not show its sector size; ${sectorSize} was assumed`,
        {
          sectorSize,
        },
      ),
    );
  }
  if (disk === null || container === null) return found;
  const { byteLength } = disk;
  if (byteLength > LARGEST_FOR_REFERENCE) {
    found.push(finding("container-too-large", `the disk has ${byteLength} bytes`, { diskBytes: byteLength }));
  }
  const extra = byteLength % BLOCK_SIZE;
  if (extra !== 0 && byteLength > BLOCK_SIZE) {
    const message = `the disk has ${byteLength} bytes: ${extra} after the last whole block`;
    found.push(finding("container-partial-block", message, { diskBytes: byteLength, extra }));
  }
  return found;
}
