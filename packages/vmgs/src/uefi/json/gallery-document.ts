/**
 * An image version of the Azure Compute Gallery: `properties.securityProfile.uefiSettings` names templates, and signatures
 * that are added to theirs. Source: Microsoft Learn, "Secure Boot UEFI keys" of Azure Trusted Launch, and the REST API
 * Microsoft.Compute, GalleryImageVersionUefiSettings.
 */

import type { CustomSignatures, CustomUefi } from "./custom-uefi.ts";
import { readSignature } from "./custom-uefi.ts";
import { asText, elements, member, optionalMember, type Place } from "./json-value.ts";

/** What the root's `type` must be; Azure compares it without regard to case. */
export const GALLERY_TYPE = "Microsoft.Compute/galleries/images/versions";

/** The settings of such a document. */
export interface GalleryDocument {
  /** Names of the templates that the signatures are added to. The templates are not in the document. */
  readonly templates: readonly string[];
  /** The additional signatures, as a document that appends. */
  readonly custom: CustomUefi;
}

/** The name of a template that has no signatures. */
const NO_TEMPLATE = "NoSignatureTemplate";

/**
 * Reads the document.
 *
 * @throws VmgsError VMGS_UEFI_JSON
 */
export function readGalleryDocument(root: Place): GalleryDocument {
  const profile = member(member(root, "properties"), "securityProfile");
  const settings = member(profile, "uefiSettings");
  const names = optionalMember(settings, "signatureTemplateNames");
  const templates = (names === undefined ? [] : elements(names).map(asText)).filter(
    (name) => name !== NO_TEMPLATE,
  );
  const additional = optionalMember(settings, "additionalSignatures");
  const list = (name: string) => {
    const found = additional && optionalMember(additional, name);
    return found === undefined ? null : elements(found).map(readSignature);
  };
  const platformKey = additional && optionalMember(additional, "pk");
  const signatures: CustomSignatures = {
    PK: platformKey === undefined ? null : readSignature(platformKey),
    KEK: list("kek"),
    db: list("db"),
    dbx: list("dbx"),
    MokList: null,
    MokListX: null,
  };
  return { templates, custom: { signatureMode: "Append", signatures, variables: [] } };
}
