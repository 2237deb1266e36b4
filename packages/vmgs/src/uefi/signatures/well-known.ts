/**
 * Certificates that are known by their SHA-256 thumbprint, the hash of the whole DER.
 *
 * Sources: the list of certificates with their SHA-1 in "Windows Secure Boot Key Creation and Management Guidance"
 * (Microsoft Learn, section 1.4), which the SHA-1 of the same files was compared with. All but the Option ROM CA were
 * hashed from the public secure boot templates of Hyper-V (microsoft/openvmm); that one is the hash of the file at
 * go.microsoft.com/fwlink/?linkid=2284009 as published by others. Names are those of the subjects.
 */

import { checkText } from "../../arguments/index.ts";

/** What a well-known certificate is for. */
export type CertificateRole =
  | "platformKey"
  | "keyExchange"
  | "windows"
  | "thirdParty"
  | "optionRom"
  | "other";

/** A certificate that many machines have. */
export interface WellKnownCertificate {
  /** Common name of its subject. */
  readonly name: string;
  readonly role: CertificateRole;
  /** Generation of Microsoft's secure boot CAs, or null when it is none of them. */
  readonly generation: 2011 | 2023 | null;
}

const certificates: Readonly<Record<string, WellKnownCertificate>> = {
  a1117f516a32cefcba3f2d1ace10a87972fd6bbe8fe0d0b996e09e65d802a503: {
    name: "Microsoft Corporation KEK CA 2011",
    role: "keyExchange",
    generation: 2011,
  },
  "3cd3f0309edae228767a976dd40d9f4affc4fbd5218f2e8cc3c9dd97e8ac6f9d": {
    name: "Microsoft Corporation KEK 2K CA 2023",
    role: "keyExchange",
    generation: 2023,
  },
  e8e95f0733a55e8bad7be0a1413ee23c51fcea64b3c8fa6a786935fddcc71961: {
    name: "Microsoft Windows Production PCA 2011",
    role: "windows",
    generation: 2011,
  },
  "076f1fea90ac29155ebf77c17682f75f1fdd1be196da302dc8461e350a9ae330": {
    name: "Windows UEFI CA 2023",
    role: "windows",
    generation: 2023,
  },
  "48e99b991f57fc52f76149599bff0a58c47154229b9f8d603ac40d3500248507": {
    name: "Microsoft Corporation UEFI CA 2011",
    role: "thirdParty",
    generation: 2011,
  },
  f6124e34125bee3fe6d79a574eaa7b91c0e7bd9d929c1a321178efd611dad901: {
    name: "Microsoft UEFI CA 2023",
    role: "thirdParty",
    generation: 2023,
  },
  e5be3e64c6e66a281457ecdece0d6d0787577aad2a3a0144262c10c14ba8d8f1: {
    name: "Microsoft Option ROM UEFI CA 2023",
    role: "optionRom",
    generation: 2023,
  },
  b3bd98f4777241d721a96cd584dcb9d4b2098beb269c44442bdf609adce3b6c0: {
    name: "Microsoft Hyper-V Firmware PK",
    role: "platformKey",
    generation: null,
  },
  ca400f913ac6a55a5cc8629ce8d2b847bfa0fccad20a4d133c1f76dab2b36925: {
    name: "Azure Services Linux Kmod PCA",
    role: "other",
    generation: null,
  },
};

/** The certificate with this thumbprint in lower-case hex, or null when it is not well-known. */
export function wellKnownCertificate(sha256: string): WellKnownCertificate | null {
  checkText(sha256, "sha256");
  return Object.hasOwn(certificates, sha256) ? (certificates[sha256] ?? null) : null;
}
