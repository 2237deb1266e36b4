/** What can go wrong, with stable codes. */
export { type ErrorCode, errorCodes } from "./codes.ts";
export { vmgsErrorFrom } from "./error-value.ts";
export { type ErrorFacts, isVmgsError, VmgsError, type VmgsErrorValue } from "./vmgs-error.ts";
export { type Warning, type WarningCode, warningCodes } from "./warnings.ts";
