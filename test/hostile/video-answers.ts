/** Readers of what video systems answer, for the fuzz: each takes any bytes. */
import { decodeApiCommands, decodeDump, decodeSystemStatus } from "../../protocols/families/hdx-answers.ts";
import { decodeConfig, decodeExport } from "../../protocols/families/video-config.ts";
import {
  contentShown,
  decodeApps,
  decodeServers,
  forgottenSessions,
  inCallByCalendar,
} from "../../protocols/families/video-room-answers.ts";

export const VIDEO_READERS: readonly ((body: Buffer) => unknown)[] = [
  decodeExport,
  decodeConfig,
  decodeApps,
  contentShown,
  inCallByCalendar,
  (body) => decodeServers(body, "sip"),
  (body) => forgottenSessions(body, "10.0.0.1"),
  decodeSystemStatus,
  decodeDump,
  (body) => decodeApiCommands(body, ["callinfo all", "version"]),
];
