/** What a check works with: a TPM, and a sheet to write down what was seen. */

import { toHex } from "../../layout/index.ts";
import { Secret } from "../../secret/index.ts";
import type { TpmEngine, TpmWaitOptions } from "../engine/index.ts";
import { defineTpmNvIndex, findTpmNvIndex, restartTpm, undefineTpmNvIndex } from "../operations/index.ts";
import { NvIndexHandle, platformAkCertAttributes } from "../protocol/index.ts";

/** One thing that was seen. */
export interface Evidence {
  /** Whether it is as it should be. */
  readonly holds: boolean;
  /** Public facts only: no key, no password. */
  readonly text: string;
}

/** Where a check is made. */
export interface Bench {
  readonly engine: TpmEngine;
  readonly options: TpmWaitOptions;
  /** Bytes of the certificate index. */
  readonly indexSize: number;
  /** Authorization value of the certificate index. */
  readonly password: Secret;
  /** Whether the TPM can be restarted from here. */
  readonly canRestart: boolean;
  /** Writes down what was seen, and goes on in any case. */
  expect(holds: boolean, text: string): void;
  /** Restarts the TPM, as `restartTpm`. */
  restart(): Promise<void>;
}

const AK_CERTIFICATE = NvIndexHandle.AK_CERTIFICATE;

/** Makes a bench whose sheet is `evidence`. */
export function createBench(
  engine: TpmEngine,
  indexSize: number,
  evidence: Evidence[],
  options: TpmWaitOptions,
): Bench {
  return {
    engine,
    options,
    indexSize,
    password: new Secret(Uint8Array.of(0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0x00)),
    canRestart: engine.powerCycle !== undefined,
    expect: (holds, text) => {
      evidence.push({ holds, text });
    },
    restart: () => restartTpm(engine, options),
  };
}

/** Removes the certificate index, if there is one. */
export async function withoutIndex({ engine, options }: Bench): Promise<void> {
  const index = await findTpmNvIndex(engine, AK_CERTIFICATE, options);
  if (index !== null) await undefineTpmNvIndex(engine, index, options);
}

/** A certificate index that was never written; the platform's unless `attributes` say otherwise. */
export async function withIndex(bench: Bench, attributes = platformAkCertAttributes()): Promise<void> {
  await withoutIndex(bench);
  const { engine, options, indexSize: size, password: authValue } = bench;
  await defineTpmNvIndex(engine, { nvIndex: AK_CERTIFICATE, size, attributes, authValue }, options);
}

/** Bytes that differ from each other and from padding. */
export function testPattern(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => 1 + ((i * 31) % 255));
}

/** Whether two byte strings are the same. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

const SHOWN_BYTES = 8;

/** The beginning of a public key, for people. */
export function shortHex(bytes: Uint8Array): string {
  return `${toHex(bytes.subarray(0, SHOWN_BYTES))}...`;
}
