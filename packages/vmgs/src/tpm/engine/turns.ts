/** One command at a time: who asks while another waits is served next. */

/** Runs actions one after the other. An aborted signal ends the wait for the turn as well. */
export type Turns = <T>(action: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

/** Makes a queue of actions. */
export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return (action, signal) => {
    const begin = () => {
      signal?.throwIfAborted();
      return action();
    };
    const turn = last.then(begin, begin);
    last = turn.catch(() => undefined);
    return unlessAborted(turn, signal);
  };
}

/** The outcome of a promise, or the reason of the signal if that comes first. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  const { promise: aborted, reject } = withReject();
  const abort = () => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function withReject(): { readonly promise: Promise<never>; readonly reject: (reason: unknown) => void } {
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<never>((_, no) => {
    reject = no;
  });
  promise.catch(() => undefined);
  return { promise, reject };
}
