/** From a request to a command that a proven person may give, or to the reason why not. Touches nothing. */

import type { Ms } from "../../protocols/core/time.ts";
import { type Refusal, refusal } from "./answer.ts";
import { claimsRefusal, roleAllows, type Standing, type Subject, subjectOf } from "./authorise.ts";
import { entryOf, IMMEDIATE_VALID_MS, isVerb } from "./catalogue.ts";
import { type Command, claimsSchema, decodeCommand, glimpse, msOf, ULID } from "./decode.ts";
import { COMMAND_TYPE, openJws, verifyJws } from "./jws.ts";

/** A command as a door hands it in: a signed token, or the word of somebody signed in on this machine. */
export type CommandRequest =
  | { readonly kind: "signed"; readonly token: string; readonly retained?: boolean }
  | { readonly kind: "session"; readonly id: string; readonly subject: Subject; readonly name: string; readonly args: unknown };

export interface Checked {
  readonly id: string;
  readonly subject: Subject;
  readonly command: Command;
  readonly expMs: Ms;
}

/** The actor of a request that nobody proven has made; in a flood these are not answered. */
export const NOBODY = "unknown";

/** `actor` and `verb` are safe to write down: a proven person or `unknown`, one of our verbs or `unknown`. */
export interface Refused {
  /** Empty where none could be read. */
  readonly id: string;
  readonly actor: string;
  readonly verb: string;
  readonly refusal: Refusal;
}

/** Length, shape, header, key, role, site, signature, claims, arguments: in this order. */
export async function checkSigned(request: CommandRequest & { kind: "signed" }, standing: Standing): Promise<Checked | Refused> {
  const opened = openJws(request.token, COMMAND_TYPE);
  const seen = typeof opened === "string" ? {} : glimpse(opened.payload);
  const nobody = { id: seen.jti ?? "", actor: NOBODY, verb: verbName(seen.verb) };
  if (request.retained === true) return { ...nobody, refusal: refusal("retained", "commands are never retained") };
  if (typeof opened === "string") return { ...nobody, refusal: refusal(opened, "not a command token") };
  const found = subjectOf(opened.kid, seen.verb, standing);
  if ("code" in found) return { ...nobody, refusal: found };
  if (!(await verifyJws(request.token, found.publicKey)))
    return { ...nobody, refusal: refusal("badSignature", "the signature is not this key's") };
  const known = { ...nobody, actor: actorOf(found.subject) };
  const claims = claimsSchema.safeParse(opened.payload);
  if (!claims.success) return { ...known, refusal: refusal("badClaims", "claims are missing, unknown or out of range") };
  const wrong = claimsRefusal(claims.data, opened.kid, standing);
  if (wrong !== undefined) return { ...known, refusal: wrong };
  const command = decodeCommand(claims.data.cmd.name, claims.data.cmd.args);
  if ("code" in command) return { ...known, refusal: command };
  return { id: claims.data.jti, subject: found.subject, command, expMs: msOf(claims.data.exp) };
}

/** The door has proven the person; role and arguments are still checked here. */
export function checkSession(request: CommandRequest & { kind: "session" }, nowMs: Ms): Checked | Refused {
  const { id, subject } = request;
  const known = { id, actor: actorOf(subject), verb: verbName(request.name) };
  if (!ULID.test(id)) return { ...known, id: "", refusal: refusal("badClaims", "the id is not a ULID") };
  const command = decodeCommand(request.name, request.args);
  if ("code" in command) return { ...known, refusal: command };
  if (!roleAllows(subject.role, command.verb))
    return { ...known, refusal: refusal("notAllowed", `"${command.verb}" needs the role ${entryOf(command.verb).role}`) };
  return { id, subject, command, expMs: nowMs + IMMEDIATE_VALID_MS };
}

/** How the audit names a person: `anna/<key>`. */
export function actorOf(subject: Subject): string {
  return `${subject.person}/${subject.kid}`;
}

function verbName(name: string | undefined): string {
  return name !== undefined && isVerb(name) ? name : "unknown";
}
