/** Colours, or none: NO_COLOR, CLICOLOR_FORCE and whether a terminal shows them decide. */

import picocolors from "picocolors";

export type Colors = ReturnType<typeof picocolors.createColors>;

export interface ColorCircumstances {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTerminal: boolean;
  /** `--no-color` was given. */
  readonly refused: boolean;
}

export function chooseColors({ env, isTerminal, refused }: ColorCircumstances): Colors {
  const forced = (env.CLICOLOR_FORCE ?? "0") !== "0";
  const off = refused || (env.NO_COLOR ?? "") !== "" || env.TERM === "dumb";
  return picocolors.createColors(!off && (forced || isTerminal));
}
