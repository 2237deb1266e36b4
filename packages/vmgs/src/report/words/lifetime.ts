/** What a boot does under one lifetime, in a few words. */

import type { LifetimeForecast } from "../../diagnose/index.ts";
import { formatCount } from "./sizes.ts";

/** `opens the store`, `formats the disk (reason empty)`. */
export function actionWords({ action, reason, event }: LifetimeForecast): string {
  switch (action) {
    case "open":
      return "opens the store";
    case "format":
      return `formats the disk (reason ${reason})`;
    case "fail":
      return event === null ? "does not begin: the host refuses the file" : `fails with ${event}`;
    case "ignore":
      return "does not use the file";
  }
}

/** `nothing is lost`, `the VM does not start`. */
export function outcomeWords({ outcome, action, losses }: LifetimeForecast): string {
  if (outcome === "fails") return action === "open" ? "then fails" : "the VM does not start";
  // What starts and still loses a file loses the old marker.
  if (outcome === "starts")
    return (losses?.files.length ?? 0) > 0 ? "only the marker is lost" : "nothing is lost";
  if (losses === null) return "something is lost";
  const { files, windows, complete } = losses;
  if (windows !== null) return "the guest state of Windows is lost";
  if (files.length === 0) return "what is on the disk is lost";
  return `${formatCount(files.length, "file")} ${complete ? "" : "or more "}lost`;
}

/** Both, as a sentence without a full stop. */
export function lifetimeWords(forecast: LifetimeForecast): string {
  return `${forecast.lifetime}: ${actionWords(forecast)}, ${outcomeWords(forecast)}`;
}
