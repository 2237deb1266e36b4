/** Shell completion: what to offer for a command line, and the scripts that ask. */
export { type Answer, answer, printAnswer } from "./answer.ts";
export { type Shell, script, shells } from "./scripts.ts";
