/** What can go wrong, with stable codes. */
export { type ErrorCode, errorCodes } from "./codes.ts";
export { type ErrorFacts, isVmgsError, VmgsError } from "./vmgs-error.ts";
export { type Warning, type WarningCode, warningCodes } from "./warnings.ts";
