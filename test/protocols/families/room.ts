/** Video systems made by hand from protocols/video.md 2: REST with sessions, VideoOS and Group dialects. */
import type { ServerResponse } from "node:http";
import { PASSWORD } from "../../support/family-io.ts";
import { answerJson, type HttpsDevice, httpsDevice } from "../../support/https-device.ts";
import { type Answer, closeAfter, type Plain, ROOM_CERTIFICATE } from "./kit.ts";

const NO_SESSION: Plain = { status: 403, body: "<html>No session</html>" };
const XSRF = "x-token-1";

export interface RoomOptions {
  /** Answers POST session instead of a log-in; `undefined` lets the log-in run. */
  readonly login?: (body: string) => Plain | undefined;
  /** The session ends by itself after so many asks. */
  readonly endsAfter?: number;
}

export interface Room extends HttpsDevice {
  /** Sessions open now. */
  readonly sessions: () => number;
  readonly opened: () => number;
  /** Paths asked inside a session, `POST` marked. */
  readonly asked: string[];
}

export const json =
  (value: unknown): (() => unknown) =>
  () =>
    value;
/** Bodies that are no JSON object, such as XML. */
export const text = (body: string): Plain => ({ status: 200, body });

/** A Studio X50 with a panel, idle. */
export const X50: Readonly<Record<string, Answer>> = {
  system: json({
    model: "StudioX50",
    serialNumber: "8L21AAAABBCCFD",
    softwareVersion: "3.11.0",
    build: "364000",
    state: "READY",
    systemName: "Room 5",
    rebootNeeded: false,
    uptime: 1234567.8,
  }),
  conferences: json([]),
  "system/mode": json({ activePersona: "POLY" }),
  "system/mode/device": json({ result: false }),
  "system/status": json([
    { langtag: "C", name: "system.status.mr.camera", stateList: ["up"] },
    { langtag: "R", name: "system.status.remotecontrol", stateList: ["off"] },
  ]),
  "POST devicemanagement/devices": json({
    devices: [
      { productName: "Poly Studio X50", serialNumber: "", macAddress: "00:e0:db:aa:bb:cc", deviceState: "CONNECTED" },
      {
        productName: "Poly TC8",
        serialNumber: "8L21BBAABBDDFD",
        macAddress: "00e0dbaabbdd",
        softwareVersion: "3.10.0-210644",
        deviceState: "PAIRED",
      },
    ],
  }),
  "provisioning/config": text('<PHONE_CONFIG><ALL upgrade.auto.server.type="prov_server" /></PHONE_CONFIG>'),
};

/** A Group 500, idle: no modes, no exported configuration, one empty pending conference. */
export const GROUP: Readonly<Record<string, Answer>> = {
  system: json({
    model: "RealPresence Group 500",
    serialNumber: "8213AAAABBCCCV",
    softwareVersion: "Release - 6.2.2.8-670021",
    hardwareVersion: 18,
    state: "READY",
    uptime: 99,
  }),
  conferences: json([{ id: "PENDING", isPendingConference: true, connections: [] }]),
  "system/status": json([{ languageTag: "CALL", name: "system.status.inacall", state: ["off"] }]),
};

function put(response: ServerResponse, answer: Plain): void {
  response.writeHead(answer.status, { ...answer.headers }).end(answer.body ?? "");
}

export async function room(answers: Readonly<Record<string, Answer>>, options: RoomOptions = {}): Promise<Room> {
  const open = new Set<string>();
  const asked: string[] = [];
  let opened = 0;
  const logIn = (body: string, response: ServerResponse): void => {
    const refused = options.login?.(body);
    if (refused !== undefined) return void put(response, refused);
    const { user, password } = JSON.parse(body) as { user: string; password: string };
    if (user !== "admin" || password !== PASSWORD) return void put(response, { status: 400, body: '{"success":false}' });
    const sessionId = `PS${++opened}`;
    open.add(sessionId);
    answerJson(
      response,
      {
        success: true,
        session: { sessionId, role: "ADMIN", isAuthenticated: true, location: "127.0.0.1" },
        loginStatus: { loginResult: "NOLOCKOUT", failedLogins: 0 },
      },
      { "set-cookie": [`session_id=${sessionId}; Path=/; Secure`, `XSRF-TOKEN=${XSRF}; Path=/`] },
    );
  };
  const device = await httpsDevice(ROOM_CERTIFICATE, (request, response) => {
    const path = request.path.replace(/^\/rest\//, "");
    if (request.method === "POST" && path === "session") return void logIn(request.body, response);
    const id = /session_id=([^;]+)/.exec(request.headers.cookie ?? "")?.[1] ?? "";
    if (!open.has(id) || request.headers["x-xsrf-token"] !== XSRF) return void put(response, NO_SESSION);
    if (request.method === "DELETE" && path === "session") {
      open.delete(id);
      return void put(response, { status: 200, body: "{}" });
    }
    const name = request.method === "GET" ? path : `${request.method} ${path}`;
    asked.push(name);
    if (asked.length > (options.endsAfter ?? Number.POSITIVE_INFINITY)) return void put(response, NO_SESSION);
    const answer = answers[name] ?? { status: 404, body: "<html>Not found</html>" };
    const value = typeof answer === "function" ? answer(request) : answer;
    if (typeof value === "object" && value !== null && "status" in value && typeof value.status === "number")
      return void put(response, value as Plain);
    answerJson(response, value);
  });
  closeAfter(() => device.close());
  return { ...device, sessions: () => open.size, opened: () => opened, asked };
}
