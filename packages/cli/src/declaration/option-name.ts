/** The parts of an option's flags. */

export interface OptionName {
  /** `-o`, or null. */
  readonly short: string | null;
  /** `--output` */
  readonly long: string;
  /** What the value is called, `FILE`, or null for an option without one. */
  readonly value: string | null;
}

/** Takes `-o, --output <FILE>` apart. */
export function optionName(flags: string): OptionName {
  const match = /^(?:(-\w), )?(--[\w-]+)(?: <([\w-]+)>)?$/.exec(flags);
  if (match === null) throw new Error(`flags that are not understood: ${flags}`);
  const [, short = null, long = "", value = null] = match;
  return { short, long, value };
}
