/** The keys that tests use. Whatever a command prints is searched for them. */

const secrets = new Set<string>();

/** Remembers a key, so that its appearance in any output fails the test. */
export function secret(key: Uint8Array): Uint8Array {
  secrets.add(Buffer.from(key).toString("hex"));
  return key;
}

/** A key for a test: the same for the same number. */
export function testKey(seed: number): Uint8Array {
  return secret(Uint8Array.from({ length: 32 }, (_, i) => (seed * 89 + i * 37 + i * i * seed + 11) % 256));
}

/** Fails when a key is in the output: raw, as hex in groups or not, or as base64. */
export function expectNoSecrets(output: Uint8Array, where: string): void {
  const bytes = Buffer.from(output);
  const text = bytes.toString("latin1");
  const packed = text.toLowerCase().replaceAll(/[^0-9a-f]/g, "");
  for (const hex of secrets) {
    const key = Buffer.from(hex, "hex");
    const base64 = key.toString("base64").replace("=", "");
    if (bytes.includes(key) || packed.includes(hex) || text.includes(base64)) {
      throw new Error(`a key is in the ${where}`);
    }
  }
}
