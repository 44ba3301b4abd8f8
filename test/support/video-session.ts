/**
 * A session with the REST of a simulated video system, as a plain client keeps one.
 */
import type { SimDevice } from "../../fixtures/site/device.ts";
import { type VideoSite, type WebAnswer, type WebAsk, webAsk } from "./video-site.ts";

export interface RestSession {
  readonly login: WebAnswer;
  /** Below `/rest/`. */
  ask(method: string, path: string, body?: unknown): Promise<WebAnswer>;
  /** The JSON of a GET. */
  get(path: string): Promise<unknown>;
  readonly headers: Readonly<Record<string, string>>;
}

export function credentialsOf({ site }: VideoSite, device: SimDevice): { user: string; password: string } {
  const { roomUser, roomPassword, groupUser, groupPassword } = site.secrets;
  return device.kind === "group" ? { user: groupUser, password: groupPassword } : { user: roomUser, password: roomPassword };
}

/** Logs in with what the site says, or with another body. */
export function logIn(stage: VideoSite, device: SimDevice, body?: unknown): Promise<WebAnswer> {
  return webAsk(stage, device, { method: "POST", path: "/rest/session", body: body ?? credentialsOf(stage, device) });
}

export async function openRest(stage: VideoSite, device: SimDevice): Promise<RestSession> {
  const login = await logIn(stage, device);
  const cookies = (login.headers["set-cookie"] ?? []).map((cookie) => cookie.split(";")[0] ?? "");
  const token = cookies.find((cookie) => cookie.startsWith("XSRF-TOKEN="))?.slice("XSRF-TOKEN=".length);
  const headers = { cookie: cookies.join("; "), ...(token === undefined ? {} : { "x-xsrf-token": token }) };
  const ask = (method: string, path: string, content?: unknown): Promise<WebAnswer> => {
    const plain: WebAsk = { method, path: `/rest/${path}`, headers };
    return webAsk(stage, device, content === undefined ? plain : { ...plain, body: content });
  };
  return { login, ask, headers, get: async (path) => JSON.parse((await ask("GET", path)).text) as unknown };
}
