/** TPM2_HierarchyChangeAuth, which a guest uses to take ownership (TPM 2.0 Part 3, section 24.8). The product never sends it. */

/** The command that gives a hierarchy without a password one. */
export function hierarchyChangeAuth(hierarchy: number, newAuth: Uint8Array): Uint8Array<ArrayBuffer> {
  const command = new Uint8Array(29 + newAuth.length);
  const view = new DataView(command.buffer);
  view.setUint16(0, 0x8002);
  view.setUint32(2, command.length);
  view.setUint32(6, 0x129);
  view.setUint32(10, hierarchy);
  view.setUint32(14, 9);
  view.setUint32(18, 0x4000_0009);
  view.setUint16(27, newAuth.length);
  command.set(newAuth, 29);
  return command;
}
