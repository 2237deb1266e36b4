/** TPM_CC: the commands with which a virtual TPM is provisioned (TPM 2.0 Part 2, section 6.5.2). */

import { checkWhole } from "../../arguments/index.ts";
export const TPM_CC = {
  EvictControl: 0x0120,
  NV_UndefineSpace: 0x0122,
  ChangeEPS: 0x0124,
  ChangePPS: 0x0125,
  Clear: 0x0126,
  ClearControl: 0x0127,
  NV_DefineSpace: 0x012a,
  PCR_Allocate: 0x012b,
  CreatePrimary: 0x0131,
  NV_Write: 0x0137,
  SelfTest: 0x0143,
  Startup: 0x0144,
  Shutdown: 0x0145,
  NV_Read: 0x014e,
  Import: 0x0156,
  Load: 0x0157,
  FlushContext: 0x0165,
  NV_ReadPublic: 0x0169,
  ReadPublic: 0x0173,
  GetCapability: 0x017a,
} as const;

/** Name of a command that is known here, without `TPM2_`. */
export type CommandName = keyof typeof TPM_CC;

const names = new Map<number, CommandName>(
  Object.entries(TPM_CC).map(([name, code]) => [code, name as CommandName]),
);

/** The name of a command code, or null when the command is not known here. */
export function commandName(code: number): CommandName | null {
  checkWhole(code, "code");
  return names.get(code) ?? null;
}
