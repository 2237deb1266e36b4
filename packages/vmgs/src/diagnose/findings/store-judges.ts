/** The judges of every store. */

import { encryptionFindings } from "./encryption.ts";
import { guestFileFindings } from "./guest-files.ts";
import { headerFindings } from "./headers.ts";
import { markerFindings } from "./marker.ts";
import { tableFindings } from "./tables.ts";

export const storeJudges = [
  headerFindings,
  tableFindings,
  encryptionFindings,
  markerFindings,
  guestFileFindings,
] as const;
