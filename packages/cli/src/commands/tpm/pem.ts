/** DER as text (RFC 7468), and back. */

const LINE = 64;

/** A certificate as PEM. */
export function pemOf(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(new RegExp(`.{1,${LINE}}`, "g")) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

/** The DER in a file that is DER or PEM with that label; other bytes are returned as they are. */
export function derIn(content: Uint8Array, label: "CERTIFICATE" | "PRIVATE KEY"): Uint8Array {
  const text = Buffer.from(content).toString("latin1");
  const body = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]*)-----END ${label}-----`).exec(
    text,
  )?.[1];
  return body === undefined ? content : Buffer.from(body, "base64");
}
