/** Checks of what builders about UEFI variables take: values that `vmgskit/uefi` made. */

import { checkList, having } from "../arguments/index.ts";

/** A list of variables, and where it was read. */
export const checkVariablesOf = having("file", "fileId", "list", "warnings");
/** What `readVariableList` gives. */
export const checkVariableList = having("parts", "variables", "problems");
/** A variable of a list. */
export const checkVariable = having("vendor", "name", "attributes", "data");
/** What `bootOverview` gives. */
export const checkOverview = having("entries", "errors");
/** What `secureBootState` gives. */
export const checkSecureBootState = having("mode", "databases", "revoked");
/** What names a variable. */
export const checkKey = having("vendor", "name");

/** Variables of a list. */
export const checkVariables = (value: unknown, name: string) => checkList(value, name, checkVariable);
