/** How one command and its reply are declared (TPM 2.0 Part 3, section 4). */

import { type Check, having } from "../../arguments/index.ts";
import {
  type Codec,
  type Fields,
  field,
  type StructValue,
  sizedValue,
  struct,
  u32be,
} from "../../layout/index.ts";
import { type CommandName, TPM_CC } from "./command-codes.ts";
import {
  type Acknowledgement,
  type Authorization,
  acknowledgementArea,
  authorizationArea,
  commandHeader,
  replyHeader,
} from "./message-layout.ts";

/** A whole command. Handles and parameters have the fields that its declaration names. */
export interface CommandMessage {
  readonly header: StructValue<typeof commandHeader.fields>;
  readonly handles: object;
  /** Missing in a command without sessions. */
  readonly authorizations?: readonly Authorization[];
  readonly parameters: object;
}

/** A whole successful reply. Handles and parameters have the fields that its command's declaration names. */
export interface ReplyMessage {
  readonly header: StructValue<typeof replyHeader.fields>;
  readonly handles: object;
  readonly parameters: object;
  /** Missing in a reply without sessions. */
  readonly acknowledgements?: readonly Acknowledgement[];
}

/** A command, declared. `V` are its handles and parameters by name, `R` those of its successful reply. */
export interface Command<V extends object, R extends object> {
  /** As in Part 3, without `TPM2_`. */
  readonly name: CommandName;
  /** TPM_CC */
  readonly code: number;
  /** Whether it is authorized; here that is always one session, for the first handle. */
  readonly authorized: boolean;
  /** @internal The whole command as it lies in bytes. */
  readonly layout: Codec<CommandMessage>;
  /** @internal A whole successful reply as it lies in bytes. */
  readonly replyLayout: Codec<ReplyMessage>;
  /** Never there: it only ties the types of the values to the command. */
  readonly types?: (values: V) => R;
}

/** A command of `commands`. */
export const checkCommand: Check = having("name", "code", "layout", "replyLayout");

/** Any command. */
export type AnyCommand = Command<never, object>;

/** Handles and parameters of a command, by name. */
export type CommandValues<C extends AnyCommand> = Parameters<NonNullable<C["types"]>>[0];
/** Handles and parameters of a command's successful reply, by name. */
export type ReplyValues<C extends AnyCommand> = ReturnType<NonNullable<C["types"]>>;

/** Of a part of a command that has no fields. */
export type NoFields = Record<never, never>;

interface Declaration<H, P, RH, RP> {
  readonly authorized?: boolean;
  readonly handles?: H;
  readonly parameters?: P;
  readonly replyHandles?: RH;
  readonly replyParameters?: RP;
}

/** Declares a command. The names of its handles and parameters must differ. */
export function command<
  const H extends Fields = NoFields,
  const P extends Fields = NoFields,
  const RH extends Fields = NoFields,
  const RP extends Fields = NoFields,
>(
  name: CommandName,
  { authorized = false, handles, parameters, replyHandles, replyParameters }: Declaration<H, P, RH, RP>,
): Command<StructValue<H> & StructValue<P>, StructValue<RH> & StructValue<RP>> {
  const part = (fields: Fields | undefined, partName: string) => struct(partName, fields ?? {});
  const layout = struct(name, {
    header: field(commandHeader, "header"),
    handles: field(part(handles, "handles"), "entities"),
    ...(authorized && { authorizations: field(authorizationArea, "sessions") }),
    parameters: field(part(parameters, "parameters"), "parameters"),
  });
  const answer = part(replyParameters, "parameters");
  const replyLayout = struct(`${name} reply`, {
    header: field(replyHeader, "header"),
    handles: field(part(replyHandles, "handles"), "entities"),
    parameters: field(authorized ? sizedValue(u32be, answer) : answer, "parameters"),
    ...(authorized && { acknowledgements: field(acknowledgementArea, "sessions") }),
  });
  return {
    name,
    code: TPM_CC[name],
    authorized,
    layout: layout as Codec<CommandMessage>,
    replyLayout: replyLayout as Codec<ReplyMessage>,
  };
}
