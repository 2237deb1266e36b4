import { VmgsError } from "../errors/index.ts";

/**
 * Bytes that do not hold the declared structure, or a value that does not fit its field.
 * `offset` is counted from the start of the bytes that were given to `decode`.
 */
export class LayoutError extends VmgsError {
  /** What went wrong, without the path. */
  readonly problem: string;
  /** Path of the field, outermost structure first; grows while the error travels outwards. */
  readonly path: string[] = [];

  constructor(problem: string, offset: number) {
    super("VMGS_LAYOUT", problem, { offset });
    this.problem = problem;
  }

  /** Adds the name of the structure or field that the error passes on its way out. */
  within(name: string): this {
    this.path.unshift(name);
    this.message = `${this.path.join(".").replaceAll(".[", "[")}: ${this.problem}`;
    return this;
  }
}
