/** Checks of arguments at the public edge: another type is refused with a sentence, before anything is done with it. */
export {
  type Check,
  checkBigint,
  checkBlob,
  checkBytes,
  checkCallback,
  checkDate,
  checkFlag,
  checkInteger,
  checkIterable,
  checkList,
  checkMap,
  checkNumber,
  checkObject,
  checkSignal,
  checkText,
  checkWhole,
  givenForBytes,
} from "./checks.ts";
export { eachOf, having, instanceOf, oneOf, optional, optionsOf, orNull, withMembers } from "./combined.ts";
export { givenWords, refused, typedArrayOf } from "./given.ts";
