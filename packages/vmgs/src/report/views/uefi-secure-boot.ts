/** The secure boot state, for people. */

import { checkDate, checkFlag, withMembers } from "../../arguments/index.ts";
import {
  type BootObstacle,
  type SecureBootDatabase,
  type SecureBootState,
  secureBootDatabases,
} from "../../uefi/index.ts";
import type { VariablesOf } from "../documents/uefi.ts";
import { type Text, toned } from "../text.ts";
import { checkSecureBootState, checkVariablesOf } from "../uefi-checks.ts";
import { list, type Section, section, type View } from "../view.ts";
import { countWords } from "../words/uefi-certificates.ts";
import { secureBootWarnings } from "../words/uefi-warnings.ts";
import { type SignatureListing, signatureItems } from "./signatures.ts";
import { listProblems } from "./uefi-problems.ts";

const checkHow = withMembers({ now: checkDate, hashes: checkFlag });

/** Mode, CAs, and each database; hashes only when they are asked for. */
export function uefiSecureBootView(
  of: VariablesOf,
  state: SecureBootState,
  how: Pick<SignatureListing, "now" | "hashes">,
): View {
  checkVariablesOf(of, "of");
  checkSecureBootState(state, "state");
  checkHow(how, "how");
  const { file, list: all } = of;
  const obstacle = state.obstacle === null ? [] : [[toned("bad", OBSTACLES[state.obstacle])]];
  return {
    place: file,
    headline: modeWords(state),
    sections: [
      ...section(null, list([...obstacle, ...generationWords(state)])),
      ...secureBootDatabases.map((name) => databaseSection(name, state, how)),
      ...listProblems(all),
      ...section(
        "Warnings",
        list(secureBootWarnings(state, how.now).map(({ message }) => [toned("warning", message)])),
      ),
    ],
  };
}

function databaseSection(
  name: SecureBootDatabase,
  { databases, partial, revoked }: SecureBootState,
  how: Pick<SignatureListing, "now" | "hashes">,
): Section {
  const database = databases[name];
  if (database === null) {
    return { title: `${name}: ${partial ? "not found in what can be read" : "not stored"}`, blocks: [] };
  }
  const { time, error } = database;
  const items = signatureItems(database, { ...how, revoked: name === "db" ? revoked : [] });
  return {
    title: `${name}: ${countWords(database)}${time === null ? "" : `, written ${time}`}`,
    blocks: [{ kind: "outline", items }, ...(error === null ? [] : [list([[toned("bad", error.message)]])])],
  };
}

const OBSTACLES: Readonly<Record<BootObstacle, string>> = {
  "nothing-trusted": "nothing can start: db has nothing to trust that dbx does not revoke",
  "windows-revoked": "no boot loader of Windows can start: dbx revokes the CA of 2011, db lacks that of 2023",
};

const MODES: Readonly<Record<SecureBootState["mode"], string>> = {
  user: "user mode",
  setup: "setup mode: without PK anybody can write the keys",
  unknown: "mode unknown: PK may be in what can't be read",
};

function modeWords({ mode, enabled }: SecureBootState): string {
  const words = MODES[mode];
  return enabled === null ? words : `${words}, secure boot ${enabled ? "enabled" : "disabled"}`;
}

function generationWords({ uefiCa2023, windowsCa2023, kekCa2023, partial }: SecureBootState): Text[] {
  const absent = partial ? "?  " : "no ";
  const line = (name: string, where: string, present: boolean) =>
    `${present ? "yes" : absent}  ${name} in ${where}`;
  return [
    line("Microsoft UEFI CA 2023", "db", uefiCa2023),
    line("Windows UEFI CA 2023", "db", windowsCa2023),
    line("Microsoft Corporation KEK 2K CA 2023", "KEK", kekCa2023),
  ];
}
