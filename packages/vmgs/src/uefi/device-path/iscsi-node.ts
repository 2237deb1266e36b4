/** iSCSI, a messaging node (UEFI 2.10, section 10.3.4). */

import { bytes, field, rest, struct, u16 } from "../../layout/index.ts";
import { DevicePathType, nodeKind } from "./node-kind.ts";
import {
  type Argument,
  hexArray,
  integer,
  keyword,
  type NodeText,
  optional,
  parseArgument,
  textError,
} from "./text-argument.ts";

interface IscsiBody {
  readonly protocol: number;
  readonly loginOptions: number;
  readonly lun: Uint8Array;
  readonly portalGroup: number;
  readonly targetName: Uint8Array;
}

const NAME = "iSCSI";
/** Where a choice of the login options stands, and its bits by name. */
const HEADER_DIGEST = { mask: 0x0003, names: { None: 0, CRC32C: 0x0002 } };
const DATA_DIGEST = { mask: 0x000c, names: { None: 0, CRC32C: 0x0008 } };
const AUTHENTICATION = { mask: 0x1c00, names: { CHAP_BI: 0, None: 0x0800, CHAP_UNI: 0x1000 } };
const choices = [HEADER_DIGEST, DATA_DIGEST, AUTHENTICATION] as const;

const LUN_SIZE = 8;
const protocol = keyword({ TCP: 0 }, 0);
const noLun: Argument<Uint8Array> = { ...hexArray, missing: new Uint8Array(LUN_SIZE) };

/** Bits of the login options without a name are not part of the text. */
const iscsiText: NodeText<IscsiBody> = {
  names: [NAME],
  format: (value) => {
    const name = Array.from(value.targetName, (byte) => String.fromCharCode(byte)).join("");
    const options = choices.map(({ mask, names }) => keyword(names).format(value.loginOptions & mask));
    const { portalGroup, lun } = value;
    const parts = [name, integer.format(portalGroup), hexArray.format(lun), ...options];
    return `${NAME}(${[...parts, protocol.format(value.protocol)].join(",")})`;
  },
  parse: (_, inside) => {
    const given = inside.split(",");
    if (given.length > 7) throw textError(`${NAME} has at most 7 arguments`);
    const name = (given[0] ?? "").trim();
    const characters = Array.from({ length: name.length }, (_unit, index) => name.charCodeAt(index));
    if (characters.some((character) => character > 0xff)) throw textError("a target name is ASCII");
    const lun = parseArgument(NAME, noLun, given[2]);
    if (lun.length !== LUN_SIZE) throw textError(`a logical unit has ${LUN_SIZE} bytes`);
    return {
      protocol: parseArgument(NAME, protocol, given[6]),
      loginOptions: choices.reduce(
        (bits, { names }, index) => bits | parseArgument(NAME, keyword(names, names.None), given[3 + index]),
        0,
      ),
      lun,
      portalGroup: parseArgument(NAME, optional(integer, 0), given[1]),
      targetName: Uint8Array.from(characters),
    };
  },
};

export const iscsiKinds = {
  iscsi: nodeKind(
    DevicePathType.MESSAGING,
    19,
    struct("iscsi", {
      protocol: field(u16, "0 TCP"),
      loginOptions: field(u16, "digests and authentication"),
      lun: field(bytes(LUN_SIZE), "logical unit"),
      portalGroup: field(u16, "tag of the portal group of the target"),
      targetName: field(rest, "name of the target, ASCII, without a NUL"),
    }),
    iscsiText,
  ),
} as const;
