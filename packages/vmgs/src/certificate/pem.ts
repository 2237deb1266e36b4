/** Certificates in PEM. */

const PEM = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----/g;

/** The certificates of PEM text (RFC 7468, section 5), or null when there are none, or the bytes are not text. */
export function pemCertificates(given: Uint8Array): Uint8Array[] | null {
  if (given.includes(0)) return null;
  const text = new TextDecoder("latin1").decode(given);
  const found = [...text.matchAll(PEM)].map(([, base64 = ""]) => base64.replaceAll(/\s/g, ""));
  if (found.length === 0) return null;
  try {
    return found.map((base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
  } catch {
    return null;
  }
}
