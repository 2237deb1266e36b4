import { describe, expect, test } from "vitest";
import * as entry from "./entry-layout.ts";
import * as state from "./state-layout.ts";

describe("the declared structures have the specified sizes and offsets", () => {
  test("regions", () => {
    expect(state.fixedRegions.offsets).toEqual({
      persistent: 0,
      stateReset: 792,
      stateClear: 1104,
      orderly: 2876,
      orderlyRam: 2996,
    });
    expect(state.fixedRegions.size).toBe(state.ENTRIES_OFFSET);
    expect(state.stateClearData.offsets).toMatchObject({
      platformAlg: 12,
      platformPolicy: 14,
      pcrValues: 116,
    });
    expect(state.orderlyData.offsets).toMatchObject({ clock: 0, clockSafe: 8 });
  });

  test("persistent data", () => {
    expect(state.persistentData.offsets).toMatchObject({
      ownerAlg: 4,
      ownerPolicy: 10,
      endorsementPolicy: 60,
      lockoutPolicy: 110,
      ownerAuth: 160,
      lockoutAuth: 260,
      endorsementSeed: 310,
      storageSeed: 344,
      platformSeed: 378,
      platformProof: 412,
      storageProof: 462,
      endorsementProof: 512,
      totalResetCount: 568,
      resetCount: 576,
      pcrPolicyAlg: 580,
      pcrBankCount: 684,
      physicalPresence: 708,
      failedTries: 724,
      lockoutRecovery: 736,
      lockoutAuthEnabled: 740,
      orderlyState: 744,
      auditCommands: 746,
      auditHashAlg: 760,
      auditCounter: 768,
      algorithmSet: 776,
      firmwareV1: 780,
      firmwareV2: 784,
      timeEpoch: 788,
    });
  });

  test("entries", () => {
    expect(entry.entryHeader.size).toBe(entry.ENTRY_HEADER_SIZE);
    expect(entry.terminator.size).toBe(entry.TERMINATOR_SIZE);
    expect(entry.orderlyRamEntry.size).toBe(entry.ORDERLY_RAM_ENTRY_SIZE);
    expect(entry.nvIndexEntry.size).toBe(entry.NV_INDEX_ENTRY_SIZE);
    expect(entry.nvIndexEntry.offsets).toMatchObject({
      attributes: 12,
      authPolicy: 16,
      dataSize: 66,
      authValue: 68,
    });
    expect(entry.objectEntry.size).toBe(entry.OBJECT_ENTRY_SIZE);
    expect(entry.objectEntry.offsets).toMatchObject({
      flags: 8,
      publicArea: 12,
      sensitiveArea: 352,
      privateExponent: 1096,
      qualifiedName: 1704,
      evictHandle: 1760,
      name: 1764,
    });
    expect(entry.publicAreaBuffer.offsets).toMatchObject({ authPolicy: 8, parameters: 60, unique: 80 });
    expect(entry.sensitiveAreaBuffer.offsets).toMatchObject({ authValue: 2, seedValue: 52, sensitive: 102 });
    expect(entry.rsaParameters.offsets).toMatchObject({ symmetric: 0, scheme: 6, keyBits: 12, exponent: 16 });
    expect(entry.eccParameters.offsets).toMatchObject({ scheme: 6, curve: 12, kdf: 14 });
  });
});
