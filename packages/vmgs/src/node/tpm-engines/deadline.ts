/** A time-out and a caller's signal in one. */

import { type ErrorFacts, VmgsError } from "../../errors/index.ts";

/** What a wait is bounded by. */
export interface Deadline extends Disposable {
  /** Aborted when the time is over or the caller's signal is aborted, whichever is first. */
  readonly signal: AbortSignal;
}

export interface DeadlineOptions {
  readonly milliseconds: number;
  /** What the caller cancels with; its reason is passed on. */
  readonly signal?: AbortSignal | undefined;
  /** Who did not answer what, for the error. */
  readonly message: string;
  readonly facts?: ErrorFacts;
}

/** Starts the clock. When it runs out, the reason of the signal is VmgsError VMGS_TPM_TIMEOUT. */
export function startDeadline({ milliseconds, signal, message, facts }: DeadlineOptions): Deadline {
  const controller = new AbortController();
  const expire = () => {
    const told = `${message} within ${milliseconds / 1000} s`;
    controller.abort(new VmgsError("VMGS_TPM_TIMEOUT", told, facts));
  };
  const cancel = () => controller.abort(signal?.reason);
  const timer = setTimeout(expire, milliseconds);
  if (signal?.aborted === true) cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", cancel);
    },
  };
}
