/** From bytes to a typed command: claims and arguments. */
import * as z from "zod";
import type { Ms } from "../../protocols/core/time.ts";
import { type Refusal, refusal } from "./answer.ts";
import { type ArgsOf, entryOf, isVerb, type Verb } from "./catalogue.ts";
import { kidSchema } from "./keys.ts";

/** A ULID: 26 letters of Crockford's base32, the first at most 7. Source: github.com/ulid/spec. */
export const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

const seconds = z.int().min(0).max(32_503_680_000);

/** Claims of a command token. Times are seconds since 1970, as JWTs have them. */
export const claimsSchema = z.strictObject({
  iss: kidSchema,
  aud: z.string().min(1).max(64),
  iat: seconds,
  /** Scheduled commands only: not before. */
  nbf: seconds.optional(),
  exp: seconds,
  jti: z.string().regex(ULID),
  /** Where the answers go; honoured only below our own `reply/` prefix. */
  reply: z.string().max(300).optional(),
  cmd: z.strictObject({ name: z.string().min(1).max(64), args: z.record(z.string(), z.unknown()).default({}) }),
});
export type Claims = z.output<typeof claimsSchema>;

/** A command with checked arguments. `V` ties them to its verb. */
export type Command = { readonly [V in Verb]: { readonly verb: V; readonly args: ArgsOf<V> } }[Verb];

export function decodeCommand(name: string, args: unknown): Command | Refusal {
  if (!isVerb(name)) return refusal("unknownCommand", `there is no command "${name.slice(0, 64)}"`);
  const parsed = entryOf(name).args.safeParse(args);
  if (!parsed.success) return refusal("badArguments", z.prettifyError(parsed.error).slice(0, 1_000));
  // The catalogue pairs each verb with its schema, so the pair is one of `Command`.
  return { verb: name, args: parsed.data } as Command;
}

/** What a not yet verified payload seems to say: for the check of the role, for naming a refusal, for answering it. Nothing else. */
export function glimpse(payload: unknown): { readonly verb?: string; readonly jti?: string; readonly reply?: string } {
  const seen = z
    .object({
      jti: z.string().regex(ULID).optional(),
      reply: z.string().max(300).optional(),
      cmd: z.object({ name: z.string().max(64) }).optional(),
    })
    .safeParse(payload);
  if (!seen.success) return {};
  const { jti, reply, cmd } = seen.data;
  return {
    ...(cmd === undefined ? {} : { verb: cmd.name }),
    ...(jti === undefined ? {} : { jti }),
    ...(reply === undefined ? {} : { reply }),
  };
}

export function msOf(secondsSince1970: number): Ms {
  return secondsSince1970 * 1_000;
}
