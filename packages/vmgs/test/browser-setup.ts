/** Makes sure that the browser run proves what it should: that nothing of Node is there. */
import { expect, test } from "vitest";

test("no Node global is present", () => {
  expect(typeof (globalThis as { Buffer?: unknown }).Buffer).toBe("undefined");
  expect(
    (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node,
  ).toBeUndefined();
});
