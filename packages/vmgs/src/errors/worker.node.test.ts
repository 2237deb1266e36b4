/** Errors of a worker reach the page that started it. */

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { isVmgsError, VmgsError, vmgsErrorFrom } from "./index.ts";

test("an error that a worker sends is the same error on the page", async () => {
  const worker = new Worker(
    `const { parentPort } = require("node:worker_threads");
     parentPort.once("message", (error) => parentPort.postMessage({ error }));`,
    { eval: true },
  );
  const sent = new VmgsError("VMGS_AUTHENTICATION_FAILED", "the tag differs", { fileId: 13, offset: 8192 });
  worker.postMessage(sent.toJSON());
  const [{ error }] = (await once(worker, "message")) as [{ error: unknown }];
  await worker.terminate();
  const received = vmgsErrorFrom(error);
  expect(isVmgsError(received, "VMGS_AUTHENTICATION_FAILED")).toBe(true);
  expect(received).toMatchObject({ message: sent.message, hint: sent.hint, facts: sent.facts });
});
