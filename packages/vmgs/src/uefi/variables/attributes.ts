import { bits } from "../../layout/index.ts";

/** Attributes of a variable (UEFI 2.10, section 8.2). */
export const variableAttributes = bits({
  NON_VOLATILE: 0,
  BOOTSERVICE_ACCESS: 1,
  RUNTIME_ACCESS: 2,
  HARDWARE_ERROR_RECORD: 3,
  /** Deprecated. */
  AUTHENTICATED_WRITE_ACCESS: 4,
  TIME_BASED_AUTHENTICATED_WRITE_ACCESS: 5,
  /** Asks for appending; never stored. */
  APPEND_WRITE: 6,
  ENHANCED_AUTHENTICATED_ACCESS: 7,
});

/** What most variables have: 7. */
export const usualAttributes = variableAttributes.of("NON_VOLATILE", "BOOTSERVICE_ACCESS", "RUNTIME_ACCESS");

/** What PK, KEK, db and dbx have: 0x27. */
export const secureBootAttributes = variableAttributes.of(
  "NON_VOLATILE",
  "BOOTSERVICE_ACCESS",
  "RUNTIME_ACCESS",
  "TIME_BASED_AUTHENTICATED_WRITE_ACCESS",
);
