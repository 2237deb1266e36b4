/** Errors as the tests speak of them: by their code. */

import { type ErrorCode, VmgsError } from "../src/index.ts";

/** The error of this library that an action throws or rejects with; anything else fails the test. */
export async function errorOf(action: () => unknown): Promise<VmgsError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof VmgsError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

/** The code of that error, or `done` when the action did not fail. */
export async function codeOf(action: () => unknown): Promise<ErrorCode | "done"> {
  try {
    await action();
    return "done";
  } catch (error) {
    if (error instanceof VmgsError) return error.code;
    throw error;
  }
}
