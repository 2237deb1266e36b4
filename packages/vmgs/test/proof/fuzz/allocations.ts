/** Counts the memory that is asked for: buffers exactly, as they are made, and the rest of the heap by its growth. */

import { getHeapStatistics } from "node:v8";

export interface Allocations {
  /** Bytes asked for since the last call. Garbage that was collected meanwhile is missing from the heap's part. */
  take(): number;
  stop(): void;
}

/** Starts counting in this thread. */
export function countAllocations(): Allocations {
  const originals = { Uint8Array, ArrayBuffer };
  let buffers = 0;
  const counted = <T extends object>(type: T): T =>
    new Proxy(type, {
      construct(target, args, newTarget) {
        if (typeof args[0] === "number") buffers += args[0];
        return Reflect.construct(target as never, args, newTarget);
      },
    });
  globalThis.Uint8Array = counted(originals.Uint8Array);
  globalThis.ArrayBuffer = counted(originals.ArrayBuffer);
  let heap = getHeapStatistics().used_heap_size;
  return {
    take() {
      const now = getHeapStatistics().used_heap_size;
      const bytes = Math.max(0, now - heap) + buffers;
      buffers = 0;
      heap = now;
      return bytes;
    },
    stop() {
      Object.assign(globalThis, originals);
    },
  };
}
