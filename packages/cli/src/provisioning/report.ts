/** Reports what a provisioning did, or would do. */

import {
  type BootDecision,
  DEFAULT_STORE_BYTES,
  decodeMarker,
  isEncrypted,
  type ProvisionOutcome,
  type StoreState,
  type Warning,
} from "vmgskit";
import type { CommandContext } from "../context.ts";
import { print, printJson, reportWarnings, say } from "../messages.ts";
import { escapeText, formatSize } from "../terminal/index.ts";
import type { ProvisionPlan } from "./plan.ts";

export interface ProvisionReport {
  readonly plan: ProvisionPlan;
  /** Null when a blank disk is made and no boot happens. */
  readonly decision: BootDecision | null;
  /** Null for a dry run, and where there was nothing to do. */
  readonly outcome: ProvisionOutcome | null;
  /** The store in use as it is now, when there is one. */
  readonly state: StoreState | null;
  /** Whether the file was made, or would be. */
  readonly created: boolean;
  readonly warnings: readonly Warning[];
}

export async function reportProvision(
  context: CommandContext,
  file: string,
  report: ProvisionReport,
): Promise<void> {
  const { plan, decision, outcome, state, created, warnings } = report;
  await reportWarnings(context, warnings, file);
  const marker = outcome?.marker ?? null;
  const sequence = state?.header.sequence ?? null;
  if (context.json) {
    await printJson(context, "vmgs.provision/1", {
      file,
      dryRun: plan.dryRun,
      created,
      lifetime: plan.lifetime,
      action: decision?.action ?? "blank",
      reason: decision?.action === "format" ? decision.reason : null,
      markerWritten: marker !== null,
      markerReason: whyMarker(report),
      marker: marker === null ? null : Object.fromEntries(decodeMarker(marker).fields),
      sequence,
      encrypted: state === null ? null : isEncrypted(state),
      warnings,
    });
    return;
  }
  const end = sequence === null ? "" : `; sequence ${sequence}`;
  const line = (words: string) => `${escapeText(file)}: ${words}${end}`;
  if (plan.dryRun) await print(context, line(`would be ${actionWords(report)}`));
  else await say(context, line(actionWords(report)));
}

function actionWords({ plan, decision, created, outcome, state }: ProvisionReport): string {
  if (decision === null)
    return `created blank, ${formatSize(plan.size ?? DEFAULT_STORE_BYTES)}, not formatted`;
  switch (decision.action) {
    case "format": {
      const made = created ? "created and formatted" : "formatted";
      const encrypted = state !== null && isEncrypted(state) ? ", encrypted" : "";
      return `${made} (reason ${decision.reason})${encrypted}, ${markerWords(plan, outcome)}`;
    }
    case "open":
      return decision.clearReprovisioned
        ? `opened as it is (lifetime ${plan.lifetime}), \`reprovisioned\` cleared, no marker written`
        : `left as it is: a valid store, nothing to do (lifetime ${plan.lifetime})`;
    default:
      return "left alone: an ephemeral guest state does not use the file";
  }
}

function markerWords(plan: ProvisionPlan, outcome: ProvisionOutcome | null): string {
  if (plan.marker === false || (outcome !== null && outcome.marker === null)) return "no marker";
  return outcome?.marker ? `marker written (${outcome.marker.length} bytes)` : "marker written";
}

/** Why there is a marker or not, for scripts. */
function whyMarker({ plan, decision, outcome }: ProvisionReport): string {
  if (decision?.action !== "format") return "not formatted now";
  if (plan.marker === false) return "refused by --no-marker";
  if (outcome === null) return "dry run";
  return outcome.marker === null ? "writing it failed" : "formatted now";
}
