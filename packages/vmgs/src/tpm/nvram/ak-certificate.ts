/** The AK certificate that a TPM state holds (spec: tpm, offline diagnosis). */

import { readX509, type X509Certificate } from "../../certificate/index.ts";
import { NvIndexHandle, PersistentHandle } from "../protocol/index.ts";
import { checkTpmState, type TpmState } from "./state.ts";
import { type FoundCertificate, findCertificateIn, isFor } from "./stored-certificate.ts";

/** The AK certificate index and what is in it. */
export interface AkCertificate extends FoundCertificate {
  /** What the certificate says. Nothing of it is verified; text is untrusted. Null where `der` is. */
  readonly certificate: X509Certificate | null;
  /** Whether its key is that of the AK; null when one of both is missing or can't be read. */
  readonly isForAk: boolean | null;
}

/** Finds the AK certificate index; null when there is none. The certificate is cut out, and not read. */
export function findAkCertificate(state: TpmState): FoundCertificate | null {
  checkTpmState(state, "state");
  const index = state.indices.find(({ handle }) => handle === NvIndexHandle.AK_CERTIFICATE);
  return index === undefined ? null : findCertificateIn(index);
}

/** Finds the AK certificate index and reads what is in it; null when there is none. */
export async function readAkCertificate(state: TpmState): Promise<AkCertificate | null> {
  checkTpmState(state, "state");
  const found = findAkCertificate(state);
  if (found === null) return null;
  const certificate = found.der && (await readX509(found.der));
  return { ...found, certificate, isForAk: certificate && holdsAk(state, certificate) };
}

function holdsAk(state: TpmState, certificate: X509Certificate): boolean | null {
  const area = state.objects.find(({ handle }) => handle === PersistentHandle.AK)?.publicArea;
  if (certificate.fields === null || area?.kind !== "RSA") return null;
  return isFor(certificate, area);
}
