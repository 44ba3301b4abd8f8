/**
 * The lines of a phone, from lineInfo or sipStatus. Pure. Source: protocols/uc-phones.md 4.4.
 */
import * as z from "zod";
import type { Line } from "../core/device.ts";
import { fail, ok, type Result } from "../core/fault.ts";
import { decode, looseText } from "./json.ts";
import { normaliseModel } from "./models.ts";

const lineRecord = z.object({
  label: looseText,
  sipaddress: looseText,
  proxyaddress: looseText,
  protocol: looseText,
  port: looseText,
  registrationstatus: looseText,
});
const LINES_MAX = 200;

/**
 * Distinct lines: a registration on two keys is listed twice, and a fresh phone lists a placeholder that is no line.
 * Source: protocols/uc-phones.md 4.4.
 */
export function decodeLines(data: unknown, model: string | undefined): Result<readonly Line[]> {
  const decoded = decode(z.array(lineRecord).max(LINES_MAX), Array.isArray(data) ? data : [data], "line information");
  if (!decoded.ok) return decoded;
  const lines = new Map<string, { address: string; registered: boolean }>();
  for (const record of decoded.value) {
    const address = record.sipaddress ?? record.label;
    const registered = record.registrationstatus?.toLowerCase() === "registered";
    if (address === undefined) {
      if (record.registrationstatus === undefined) return fail({ kind: "garbled", via: "https", wanted: "line information" });
      continue;
    }
    if (!registered && isPlaceholder(record, model)) continue;
    const key = `${address.toLowerCase()} ${record.proxyaddress?.toLowerCase() ?? ""}`;
    const known = lines.get(key);
    if (known === undefined) lines.set(key, { address, registered });
    else known.registered ||= registered;
  }
  return ok([...lines.values()]);
}

function isPlaceholder(record: z.infer<typeof lineRecord>, model: string | undefined): boolean {
  if (record.protocol !== undefined || record.proxyaddress !== undefined || record.port !== undefined) return false;
  const plain = (text: string | undefined): string => (text === undefined ? "" : normaliseModel(text).replaceAll(" ", "").toLowerCase());
  return model === undefined
    ? record.sipaddress?.includes("@") !== true
    : [plain(record.sipaddress), plain(record.label)].includes(plain(model));
}

const sipUsers = z.object({
  user: z
    .array(
      z.object({
        user: looseText,
        username: looseText,
        address: looseText,
        sipaddress: looseText,
        events: z
          .array(z.object({ type: looseText, registrationstate: looseText }))
          .max(LINES_MAX)
          .optional()
          .catch(undefined),
      }),
    )
    .max(LINES_MAX),
});

/** sipStatus, where the phone has no lineInfo: users with an event of type Register. Those without one are no lines. */
export function decodeSipStatus(data: unknown): Result<readonly Line[]> {
  const decoded = decode(sipUsers, data, "SIP status");
  if (!decoded.ok) return decoded;
  return ok(
    decoded.value.user.flatMap(({ user, username, address, sipaddress, events }, index) => {
      const registers = (events ?? []).filter(({ type }) => type?.toLowerCase() === "register");
      if (registers.length === 0) return [];
      const registered = registers.some(({ registrationstate }) => registrationstate?.toLowerCase() === "registered");
      return [{ address: sipaddress ?? address ?? user ?? username ?? `user ${index + 1}`, registered }];
    }),
  );
}
