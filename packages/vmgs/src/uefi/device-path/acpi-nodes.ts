/** ACPI nodes, type 2 (UEFI 2.10, section 10.3.3). */

import { asciiz, field, struct, u32, untilEnd } from "../../layout/index.ts";
import { eisaId, eisaIdName, eisaIdNumber } from "./eisa-id.ts";
import { DevicePathType, nodeKind } from "./node-kind.ts";
import {
  type Argument,
  call,
  integer,
  type NodeText,
  optional,
  parseArgument,
  textError,
} from "./text-argument.ts";

const { ACPI } = DevicePathType;

interface AcpiBody {
  readonly hid: number;
  readonly uid: number;
}

/** Hardware IDs that have a name of their own in text. */
const hardwareNames: Readonly<Record<string, string>> = {
  PciRoot: "PNP0A03",
  PcieRoot: "PNP0A08",
  Floppy: "PNP0604",
  Keyboard: "PNP0301",
  Serial: "PNP0501",
  ParallelPort: "PNP0401",
};
const uidArgument = optional(integer, 0);
const acpiCall = call<AcpiBody>("Acpi", { hid: eisaId, uid: uidArgument });

const acpiText: NodeText<AcpiBody> = {
  names: ["Acpi", ...Object.keys(hardwareNames)],
  format: (value) => {
    const id = eisaIdName(value.hid);
    const name = Object.keys(hardwareNames).find((candidate) => hardwareNames[candidate] === id);
    return name === undefined ? acpiCall.format(value) : `${name}(${integer.format(value.uid)})`;
  },
  parse: (name, inside) => {
    const id = hardwareNames[name];
    if (id === undefined) return acpiCall.parse(name, inside);
    return { hid: eisaIdNumber(id) ?? 0, uid: parseArgument(name, uidArgument, inside) };
  },
};

interface ExpandedAcpiBody extends AcpiBody {
  readonly cid: number;
  readonly hidStr: string;
  readonly uidStr: string;
  readonly cidStr: string;
}

const plainText: Argument<string> = { format: (value) => value, parse: (text) => text, missing: "" };
const acpiEx = call<ExpandedAcpiBody>("AcpiEx", {
  hid: eisaId,
  cid: eisaId,
  uid: uidArgument,
  hidStr: plainText,
  cidStr: plainText,
  uidStr: plainText,
});
const acpiExp = call<Pick<ExpandedAcpiBody, "hid" | "cid" | "uidStr">>("AcpiExp", {
  hid: eisaId,
  cid: eisaId,
  uidStr: plainText,
});

/** The short form says all when only the unique ID is a string. */
const expandedText: NodeText<ExpandedAcpiBody> = {
  names: ["AcpiEx", "AcpiExp"],
  format: (value) => {
    const short = value.hidStr === "" && value.cidStr === "" && value.uidStr !== "" && value.uid === 0;
    return short ? acpiExp.format(value) : acpiEx.format(value);
  },
  parse: (name, inside) => {
    if (name === "AcpiEx") return acpiEx.parse(name, inside);
    return { ...acpiExp.parse(name, inside), uid: 0, hidStr: "", cidStr: "" };
  },
};

const adrText: NodeText<{ readonly adr: readonly number[] }> = {
  names: ["AcpiAdr"],
  format: ({ adr }) => `AcpiAdr(${adr.map(integer.format).join(",")})`,
  parse: (_, inside) => {
    if (inside === "") throw textError("AcpiAdr lacks an argument");
    return { adr: inside.split(",").map((text) => integer.parse(text.trim())) };
  },
};

export const acpiKinds = {
  acpi: nodeKind(
    ACPI,
    1,
    struct("acpi", { hid: field(u32, "_HID, a compressed EISA ID"), uid: field(u32, "_UID") }),
    acpiText,
  ),
  expandedAcpi: nodeKind(
    ACPI,
    2,
    struct("expandedAcpi", {
      hid: field(u32, "_HID, a compressed EISA ID; 0 when it is a string"),
      uid: field(u32, "_UID"),
      cid: field(u32, "_CID, a compressed EISA ID"),
      hidStr: field(asciiz, "_HID as a string"),
      uidStr: field(asciiz, "_UID as a string"),
      cidStr: field(asciiz, "_CID as a string"),
    }),
    expandedText,
  ),
  acpiAdr: nodeKind(
    ACPI,
    3,
    struct("acpiAdr", { adr: field(untilEnd(u32), "_ADR of each display") }),
    adrText,
  ),
  nvdimmAcpiAdr: nodeKind(
    ACPI,
    4,
    struct("nvdimmAcpiAdr", { handle: field(u32, "NFIT device handle") }),
    call("NvdimmAcpiAdr", { handle: integer }),
  ),
} as const;
