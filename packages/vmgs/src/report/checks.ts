/**
 * Checks at the doors of builders and views. What the library itself made is known by the names of a few members, a
 * document by its schema (docs/decisions/0021-arguments-are-checked-once.md).
 */

import { type Check, checkText, having, oneOf, orNull, withMembers } from "../arguments/index.ts";
import { guestStateLifetimes } from "../provisioning/index.ts";

/** A document of that schema. */
export const documentOf = (schema: string): Check =>
  withMembers({ schema: oneOf([schema]), file: checkText });

export const checkDoctorDocument = documentOf("vmgs.doctor/1");

/** An error as documents carry it. */
export const checkProblem = having("code", "message");

/** The same, or null. */
export const checkProblemOrNull = orNull(checkProblem);

/** Notices and error of opening a store. */
export const checkOpening = having("warnings", "error");

/** A lifetime, or null for all. */
export const checkLifetimeOrNull = orNull(oneOf(guestStateLifetimes));

/** Derived keys, as the library tried them. */
export const checkDerivation = having("encrypted", "candidates", "missing", "opening");

export const checkInspection = having("container", "headers", "files", "warnings");

export const checkForecast = having("lifetimes", "key", "tpm", "uefi");
