/** What a file is taken for, and what is named and refused. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codeOf, errorOf } from "../../test/expect-error.ts";
import {
  emptyKeySlot,
  encodeHeader,
  makeVhdFooter,
  type SectorSize,
  vhdChecksum,
  vhdFooter,
} from "../format/index.ts";
import { decode } from "../layout/index.ts";
import { type ContainerOptions, openMemoryDisk } from "./index.ts";

const uniqueId = new Uint8Array(16).fill(5);
const created = new Date("2026-01-01T00:00:00Z");
const BYTES = 64 * 4096;

function headerBytes(sequence: number): Uint8Array {
  return encodeHeader({
    signature: "GUESTRTS",
    version: 0x00030000,
    sequence,
    headerSize: 168,
    fileTableOffset: 2,
    fileTableSize: 1,
    encryptionAlgorithm: 0,
    markers: 0,
    metadataKeys: [emptyKeySlot, emptyKeySlot],
    reserved: 0,
  });
}

/** A raw image with a first header, and a second one when a sector size is given. */
function rawImage(sectorSize?: SectorSize): Uint8Array {
  const image = new Uint8Array(BYTES);
  image.set(headerBytes(1), 0);
  if (sectorSize !== undefined) image.set(headerBytes(2), sectorSize);
  return image;
}

function vhdImage(content = new Uint8Array(BYTES), diskBytes = content.length): Uint8Array {
  const image = new Uint8Array(content.length + 512);
  image.set(content);
  image.set(makeVhdFooter({ diskBytes, uniqueId, created }), content.length);
  return image;
}

/** A VHD with one byte of its footer changed; the checksum is put right unless the change is in it. */
function withFooterByte(at: number, value: number): Uint8Array {
  const image = vhdImage();
  const footer = image.subarray(BYTES);
  footer[at] = value;
  if (at < 64 || at > 67) new DataView(footer.buffer, BYTES).setUint32(64, vhdChecksum(footer));
  return image;
}

function withText(image: Uint8Array, at: number, text: string): Uint8Array {
  for (let i = 0; i < text.length; i++) image[at + i] = text.charCodeAt(i);
  return image;
}

/** A tar archive of one file, whose first header is then where a raw image has its second one. */
function tarOf(content: Uint8Array, magic = "ustar\u000000"): Uint8Array {
  const archive = new Uint8Array(512 + content.length + 1024);
  withText(archive, 0, "vm.vmgs");
  withText(archive, 148, "        ");
  withText(archive, 257, magic);
  const sum = archive.reduce((total, byte) => total + byte, 0);
  withText(archive, 148, `${sum.toString(8).padStart(6, "0")}\0 `);
  archive.set(content, 512);
  return archive;
}

const openAs = (image: Uint8Array, options?: ContainerOptions) => openMemoryDisk(image, options).container;

describe("a fixed VHD", () => {
  test("is a disk without its footer, with 512-byte sectors", () => {
    const container = openAs(vhdImage());
    const { footerBytes, ...rest } = container;
    const footer = footerBytes && decode(vhdFooter, footerBytes);
    expect(rest).toEqual({
      kind: "vhd",
      fileBytes: BYTES + 512,
      diskBytes: BYTES,
      sectorSize: 512,
      sectorSizeKnown: true,
      warnings: [],
    });
    expect(footer?.currentSize).toBe(BigInt(BYTES));
    expect(footer?.uniqueId).toEqual(uniqueId);
  });

  test("may end before the file does", () => {
    expect(openAs(vhdImage(new Uint8Array(BYTES), 8192)).diskBytes).toBe(8192);
  });

  test("keeps its footer's facts when the image changes afterwards", () => {
    const image = vhdImage();
    const { footerBytes } = openAs(image);
    image.fill(0);
    const footer = footerBytes && decode(vhdFooter, footerBytes);
    expect(footer?.currentSize).toBe(BigInt(BYTES));
  });

  test("can be asked to be taken for a raw image, footer and all", () => {
    expect(openAs(vhdImage(), { container: "raw", sectorSize: 512 })).toMatchObject({
      kind: "raw",
      diskBytes: BYTES + 512,
      footerBytes: null,
    });
  });
});

describe("a raw image", () => {
  test("is accepted unasked when it has a valid header, with a warning", () => {
    const container = openAs(rawImage(512));
    expect(container).toMatchObject({
      kind: "raw",
      diskBytes: BYTES,
      sectorSize: 512,
      sectorSizeKnown: true,
    });
    expect(container.warnings.map(({ code }) => code)).toEqual(["VMGS_RAW_WITHOUT_FOOTER"]);
  });

  test("tells its sector size by the place of the second header", () => {
    expect(openAs(rawImage(4096))).toMatchObject({ sectorSize: 4096, sectorSizeKnown: true });
    expect(openAs(rawImage(4096), { container: "raw" }).warnings).toEqual([]);
  });

  test("with its first header only does not tell its sector size, which is assumed and said so", () => {
    const container = openAs(rawImage());
    expect(container).toMatchObject({ sectorSize: 512, sectorSizeKnown: false });
    expect(container.warnings.map(({ code }) => code)).toEqual([
      "VMGS_RAW_WITHOUT_FOOTER",
      "VMGS_SECTOR_SIZE_ASSUMED",
    ]);
    expect(openAs(rawImage(), { sectorSize: 4096 })).toMatchObject({
      sectorSize: 4096,
      sectorSizeKnown: true,
    });
  });

  test("of a version 1 store is accepted, so that the store can name it", () => {
    expect(openAs(withText(new Uint8Array(BYTES), 512, "EFI PART")).kind).toBe("raw");
  });

  test("without any header must be asked for", async () => {
    const zeros = new Uint8Array(BYTES);
    expect(await codeOf(() => openAs(zeros))).toBe("VMGS_VHD_FOOTER_MISSING");
    expect(openAs(zeros, { container: "raw" })).toMatchObject({ kind: "raw", sectorSizeKnown: false });
  });

  test("is refused where a VHD is asked for", async () => {
    const error = await errorOf(() => openAs(rawImage(512), { container: "vhd" }));
    expect(error.code).toBe("VMGS_VHD_FOOTER_MISSING");
    expect(error.facts.offset).toBe(BYTES - 512);
  });
});

describe("bad input has its own code:", () => {
  test.each<[string, Uint8Array, string, RegExp]>([
    ["0 bytes", new Uint8Array(0), "VMGS_DISK_EMPTY", /0 bytes/],
    ["511 bytes", new Uint8Array(511), "VMGS_DISK_SIZE", /511 bytes/],
    ["513 bytes", new Uint8Array(513), "VMGS_DISK_SIZE", /not a multiple of 512/],
    ["512 zero bytes", new Uint8Array(512), "VMGS_VHD_FOOTER_MISSING", /footer/],
    ["a VHD that lacks its last byte", vhdImage().subarray(0, -1), "VMGS_DISK_SIZE", /262655 bytes/],
    ["a blank VHD that lacks its footer", vhdImage().subarray(0, BYTES), "VMGS_VHD_FOOTER_MISSING", /footer/],
    ["a footer with a wrong checksum", withFooterByte(67, 1), "VMGS_VHD_CHECKSUM", /the bytes give/],
    ["a footer of version 2", withFooterByte(13, 2), "VMGS_VHD_VERSION", /0x00020000/],
    ["a dynamic VHD", withFooterByte(63, 3), "VMGS_VHD_NOT_FIXED", /is dynamic, not fixed/],
    ["a differencing VHD", withFooterByte(63, 4), "VMGS_VHD_NOT_FIXED", /is differencing/],
    ["a footer with more bytes than the file", withFooterByte(52, 1), "VMGS_VHD_SIZE", /before the footer/],
    ["a footer with half a sector", withFooterByte(55, 1), "VMGS_VHD_SIZE", /before the footer|multiple/],
    ["a VHDX", withText(new Uint8Array(BYTES), 0, "vhdxfile"), "VMGS_OTHER_DISK_FORMAT", /VHDX/],
    ["a qcow2", withText(new Uint8Array(BYTES), 0, "QFI\xfb"), "VMGS_OTHER_DISK_FORMAT", /qcow2/],
    ["a VMDK", withText(new Uint8Array(BYTES), 0, "KDMV"), "VMGS_OTHER_DISK_FORMAT", /VMDK/],
    ["a packed store", withText(new Uint8Array(1000), 0, "\x1f\x8b"), "VMGS_OTHER_DISK_FORMAT", /gzip/],
    ["a ZIP archive", withText(new Uint8Array(1000), 0, "PK\x03\x04"), "VMGS_OTHER_DISK_FORMAT", /ZIP/],
    [
      "a VMDK's description",
      withText(new Uint8Array(BYTES), 0, "# Disk DescriptorFile"),
      "VMGS_OTHER_DISK_FORMAT",
      /VMDK/,
    ],
    ["a tar of a store", tarOf(rawImage(512)), "VMGS_OTHER_DISK_FORMAT", /a tar archive/],
    ["a tar without a magic number", tarOf(rawImage(512), ""), "VMGS_OTHER_DISK_FORMAT", /a tar archive/],
    [
      "an HTML page",
      withText(new Uint8Array(300), 0, "\n<!DOCTYPE html>"),
      "VMGS_OTHER_DISK_FORMAT",
      /an HTML page/,
    ],
    [
      "a dynamic VHD that lacks its end",
      withText(new Uint8Array(BYTES), 0, "conectix"),
      "VMGS_VHD_NOT_FIXED",
      /dynamic/,
    ],
    ["other bytes", new Uint8Array(BYTES).fill(0x55), "VMGS_VHD_FOOTER_MISSING", /footer/],
  ])("%s", async (_, image, code, message) => {
    const error = await errorOf(() => openAs(image));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.hint.length).toBeGreaterThan(10);
  });

  test("a sector size that no disk has", async () => {
    const options = { sectorSize: 1024 } as unknown as ContainerOptions;
    expect(await codeOf(() => openAs(rawImage(512), options))).toBe("VMGS_SECTOR_SIZE");
  });

  test("a raw image that is no multiple of its sectors", async () => {
    const image = new Uint8Array(BYTES + 512);
    const error = await errorOf(() => openAs(image, { container: "raw", sectorSize: 4096 }));
    expect(error.code).toBe("VMGS_DISK_SIZE");
    expect(error.message).toMatch(/not a multiple of 4096/);
  });

  test("but a raw image that was asked for is taken as it is, whatever it begins with", () => {
    const image = withText(new Uint8Array(BYTES), 0, "vhdxfile");
    expect(openAs(image, { container: "raw" }).kind).toBe("raw");
  });
});

test("any bytes are taken for something or refused with a code", async () => {
  const sizes = fc.constantFrom(0, 1, 100, 511, 512, 1024, 1536, 8192, 8704);
  await fc.assert(
    fc.asyncProperty(
      sizes.chain((size) => fc.uint8Array({ minLength: size, maxLength: size })),
      fc.constantFrom<ContainerOptions>({}, { container: "vhd" }, { container: "raw" }, { sectorSize: 4096 }),
      fc.boolean(),
      async (bytes, options, cookie) => {
        if (cookie && bytes.length >= 512) withText(bytes, bytes.length - 512, "conectix");
        await codeOf(() => openAs(bytes, options));
      },
    ),
  );
});
