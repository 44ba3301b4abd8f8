/**
 * The smaller REST answers of video systems: servers, sessions, applications, the calendar, and the bare words. Pure.
 * Source: protocols/video.md 2.1, 2.4 and 2.5.
 */
import * as z from "zod";
import type { Line } from "../core/device.ts";
import { fail, ok, type Result } from "../core/fault.ts";
import { decode, looseFlag, looseText, parsePlainJson } from "./json.ts";

const LIST_MAX = 500;

/** A bare `true`, `39` or `CONTENT_IDLE`: the last is no JSON, though labelled so. */
export function decodeBare(body: Buffer): Result<string | number | boolean> {
  const text = body.toString("utf8", 0, 100).trim();
  if (/^(?:true|false)$/.test(text)) return ok(text === "true");
  if (/^-?\d{1,9}(?:\.\d{1,6})?$/.test(text)) return ok(Number(text));
  const word = /^"?([A-Z][A-Z0-9_]{0,40})"?$/.exec(text)?.[1];
  return word === undefined ? fail({ kind: "garbled", via: "https", wanted: "a bare value" }) : ok(word);
}

/** GET cameras/contentstatus: what is shown to the room, if anything. A word we cannot read is no sign of anything. */
export function contentShown(body: Buffer): string | undefined {
  const word = decodeBare(body);
  if (!word.ok || typeof word.value !== "string" || !word.value.startsWith("CONTENT_")) return undefined;
  return word.value === "CONTENT_IDLE" ? undefined : word.value;
}

const servers = z.array(z.object({ address: looseText, state: looseText })).max(LIST_MAX);

/** GET system/sipservers, system/h323gatekeepers: each named server as a line. One without address or state is not set up. */
export function decodeServers(body: Buffer, kind: "sip" | "h323"): Result<readonly Line[]> {
  const json = parsePlainJson(body);
  if (!json.ok) return json;
  const read = decode(servers, json.value, "a list of servers");
  if (!read.ok) return read;
  return ok(
    read.value.flatMap(({ address, state }) => {
      const word = state?.toUpperCase();
      return address === undefined || (word !== "UP" && word !== "DOWN")
        ? []
        : [{ address: `${kind}:${address}`, registered: word === "UP" }];
    }),
  );
}

const sessions = z.object({ sessionlist: z.array(z.object({ location: looseText })).max(LIST_MAX) });

/**
 * GET session/sessions: how many sessions beside this one are open from our own address. Each was forgotten by us: left alone
 * here, because too many lock the interface and only a person may pull the plug.
 */
export function forgottenSessions(body: Buffer, location: string): Result<number> {
  const json = parsePlainJson(body);
  if (!json.ok) return json;
  const read = decode(sessions, json.value, "the list of sessions");
  return read.ok ? ok(Math.max(0, read.value.sessionlist.filter((one) => one.location === location).length - 1)) : read;
}

const apps = z
  .array(z.object({ appname: looseText, personaname: looseText, packagename: looseText, versioninfo: looseText }))
  .max(LIST_MAX);

export interface RoomApp {
  readonly name: string;
  readonly persona: string | undefined;
  readonly packageName: string | undefined;
  readonly version: string | undefined;
}

/** GET system/apps: the applications that may hold the screen. */
export function decodeApps(body: Buffer): Result<readonly RoomApp[]> {
  const json = parsePlainJson(body);
  if (!json.ok) return json;
  const read = decode(apps, json.value, "the list of applications");
  if (!read.ok) return read;
  return ok(
    read.value.map(({ appname, personaname, packagename, versioninfo }) => ({
      name: (appname ?? personaname ?? packagename ?? "unnamed").slice(0, 60),
      persona: personaname,
      packageName: packagename,
      version: versioninfo?.slice(0, 40),
    })),
  );
}

/** The application that a mode names. */
export function appOf(list: readonly RoomApp[], persona: string): RoomApp | undefined {
  const wanted = persona.toLowerCase();
  return list.find((app) => app.persona?.toLowerCase() === wanted) ?? list.find((app) => app.name.toLowerCase() === wanted);
}

const meeting = z.object({ incall: looseFlag });
const meetings = z.union([z.array(meeting).max(LIST_MAX), z.object({ meetings: z.array(meeting).max(LIST_MAX) })]);

/** GET calendar/meetings: does the calendar know that the room is in the call of a meeting? Its no is no proof. */
export function inCallByCalendar(body: Buffer): boolean {
  const json = parsePlainJson(body);
  const read = json.ok ? meetings.safeParse(json.value) : undefined;
  if (read?.success !== true) return false;
  return (Array.isArray(read.data) ? read.data : read.data.meetings).some(({ incall }) => incall === true);
}
