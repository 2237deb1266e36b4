/** What a name means: findings, error codes, files of a store, guest state lifetimes. Offline, the same text as docs. */

import { checkText } from "../../arguments/index.ts";
import {
  type CatalogueEntry,
  type FindingId,
  findingCatalogue,
  type Severity,
} from "../../diagnose/index.ts";
import { type ErrorCode, errorCodes, VmgsError, type WarningCode, warningCodes } from "../../errors/index.ts";
import { describeFileId, type FileRole, fileRoles } from "../../format/index.ts";
import { decideBoot, type GuestStateLifetime, guestStateLifetimes } from "../../provisioning/index.ts";
import { type Tone, toned } from "../text.ts";
import { fields, list, section, type View } from "../view.ts";
import { fileWords } from "../words/files.ts";

/** Every name that can be explained. */
export function explainedNames(): string[] {
  return [
    ...Object.keys(findingCatalogue),
    ...fileRoles.flatMap(({ name }) => (name === null ? [] : [name])),
    ...guestStateLifetimes,
    ...Object.keys(errorCodes),
    ...Object.keys(warningCodes),
  ];
}

/** The explanation of a name, in any case; null when there is none. File IDs are also taken as numbers. */
export function explain(name: string): View | null {
  checkText(name, "name");
  const lower = name.trim().toLowerCase();
  const upper = lower.toUpperCase().replaceAll("-", "_");
  if (Object.hasOwn(findingCatalogue, lower)) return findingView(lower as FindingId);
  if ((guestStateLifetimes as readonly string[]).includes(lower))
    return lifetimeView(lower as GuestStateLifetime);
  if (Object.hasOwn(errorCodes, upper)) return errorView(upper as ErrorCode);
  if (Object.hasOwn(warningCodes, upper)) return warningView(upper as WarningCode);
  const role = fileRoles.find(
    (one) => one.name === upper || String(one.id) === lower || hexId(one) === lower,
  );
  return role === undefined ? null : fileView(role);
}

const hexId = ({ id }: FileRole) => `0x${id.toString(16)}`;

const SEVERITY_TONES: Readonly<Record<Severity, Tone>> = {
  critical: "bad",
  error: "bad",
  warning: "warning",
  info: "good",
};

function findingView(id: FindingId): View {
  const { severity, title, meaning, cure, actions = [] }: CatalogueEntry = findingCatalogue[id];
  return {
    place: null,
    headline: [toned("strong", id), ": finding, ", toned(SEVERITY_TONES[severity], severity), `: ${title}`],
    sections: section(
      null,
      fields([
        ["meaning", meaning],
        ["cure", cure],
      ]),
      { kind: "actions", actions },
    ),
  };
}

function errorView(code: ErrorCode): View {
  const { meaning, cure } = errorCodes[code];
  return {
    place: null,
    headline: [toned("strong", code), ": error"],
    sections: section(
      null,
      fields([
        ["meaning", meaning],
        ["cure", cure],
      ]),
    ),
  };
}

function warningView(code: WarningCode): View {
  return {
    place: null,
    headline: [toned("strong", code), ": warning"],
    sections: section(null, list([warningCodes[code]])),
  };
}

function fileView({ id, name, own, confidential, secret }: FileRole): View {
  const kept = own
    ? "by the store itself; it can't be read or written as a file"
    : confidential
      ? "encrypted in an encrypted store"
      : "plain in an encrypted store too: read before the store can be unlocked, or meant for everyone";
  return {
    place: null,
    headline: [toned("strong", describeFileId(id)), `: file ${id} (0x${id.toString(16)}) of a store`],
    sections: section(
      null,
      fields([
        ["holds", name === null ? "" : fileWords[name]],
        ["kept", kept],
        ...(secret ? ([["shown", "never: it holds seeds or private keys"]] as const) : []),
      ]),
    ),
  };
}

/** What the boot does with each kind of disk, by the function that provisioning itself uses. */
function lifetimeView(lifetime: GuestStateLifetime): View {
  const broken = new VmgsError("VMGS_NO_VALID_HEADER", "");
  const disks = [
    ["blank disk", { kind: "empty" }],
    ["valid store", { kind: "valid", reprovisioned: false }],
    ["valid store, `reprovisioned` set", { kind: "valid", reprovisioned: true }],
    ["damaged store", { kind: "unusable", error: broken }],
  ] as const;
  const rows = disks.map(([words, condition]) => {
    const decision = decideBoot(condition, { lifetime });
    switch (decision.action) {
      case "format":
        return [words, "formats it", decision.reason];
      case "fail":
        return [words, "the boot fails", ""];
      case "ignore":
        return [words, "not used", ""];
      default:
        return [words, "opens it", ""];
    }
  });
  const columns = ["what is there", "the boot", "reason in the marker"].map(
    (title) => ({ title, align: "left" }) as const,
  );
  return {
    place: null,
    headline: [toned("strong", lifetime), ": guest state lifetime"],
    sections: section(null, { kind: "table", columns, rows }),
  };
}
