/**
 * The upgrade page of a phone's own web server, told to fetch from a server of ours. It begins at once and waits for no call, so
 * it is the last resort. Source: protocols/uc-phones.md 5; protocols/lens-and-portal.md 7.
 */
import { fail, ok, type Result } from "../core/fault.ts";
import type { Login } from "../core/secret.ts";
import { loginFault } from "../http/certificate.ts";
import type { HttpAnswer, HttpTarget } from "../http/client.ts";
import { readImageCatalogue } from "../provisioning/image-catalogue.ts";
import type { FamilyIo } from "./family.ts";
import { withLogin } from "./logins.ts";
import { judgeStatus, openWebSession, pageHeaders, sessionHeaders, TOKEN, type WebPlace } from "./phone-web.ts";
import { httpTarget } from "./uc-phone-visit.ts";

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const UPGRADE = "/form-submit/Utilities/softwareUpgrade";
/** Locked out after five wrong log-ins in 60 s; one try is enough for a last resort. */
const REFUSALS_PER_VISIT = 1;

/** What each request of a logged-in visit carries. */
interface WebLogin {
  readonly get: Readonly<Record<string, string>>;
  readonly post: Readonly<Record<string, string>>;
}

/**
 * Names our folder as the phone's custom server, checks that the phone sees one version there, and starts that upgrade. The form
 * is sent once. The caller has just seen that nobody uses the phone.
 *
 * @returns `off` where the page does not exist, `refused` where the phone does not see exactly one version in the folder
 */
export function startWebUpgrade(place: WebPlace, folderUrl: string, signal: AbortSignal): Promise<Result<{ readonly said: string }>> {
  const { target, family, io } = place;
  const secure = httpTarget(target, family);
  return withLogin(target, { family, via: "https", refusalsPerVisit: REFUSALS_PER_VISIT }, io, async (login) => {
    const impossible = loginFault(secure);
    if (impossible !== undefined) return fail(impossible);
    const opened = await logIn(secure, login, io, signal);
    if (!opened.ok) return opened;
    const ask = async (path: string, form?: Readonly<Record<string, string>>): Promise<Result<HttpAnswer>> => {
      const send =
        form === undefined
          ? ({ method: "GET", path, headers: opened.value.get } as const)
          : ({ method: "POST", path, headers: { ...opened.value.post, ...FORM }, body: new URLSearchParams(form).toString() } as const);
      const answer = await io.http.ask(secure, send, signal);
      return answer.ok ? judgeStatus(answer.value, "https", login) : answer;
    };
    const named = await ask(`${UPGRADE}/updateCustomServer`, { CUSTOM_SERVER: folderUrl });
    if (!named.ok) return named;
    const list = await ask(`/Utilities/softwareUpgrade/getAvailableVersions?type=customserver&_=${io.clock.nowMs()}`);
    const images = list.ok ? readImageCatalogue(list.value.body.toString("utf8"), "https") : list;
    if (!images.ok) return images;
    const [image, ...others] = images.value;
    if (image === undefined || others.length > 0) {
      return fail({ kind: "refused", via: "https", reason: `sees ${images.value.length} versions at its custom server, not one` });
    }
    const started = await ask(`${UPGRADE}/upgrade`, { URLPath: image.directory, serverType: "plcmserver" });
    return started.ok ? ok({ said: `upgrade to ${image.version.slice(0, 40)} started` }) : started;
  });
}

/** Newer builds give a session and want its token on every form; older ones want the password with each request. */
async function logIn(secure: HttpTarget, login: Login, io: FamilyIo, signal: AbortSignal): Promise<Result<WebLogin>> {
  const session = await openWebSession(secure, login, io, signal);
  if (!session.ok) return session;
  if (session.value === undefined) {
    const old = pageHeaders(secure, login);
    return ok({ get: old, post: old });
  }
  const get = sessionHeaders(secure, session.value);
  const page = await io.http.ask(secure, { method: "GET", path: "/index.htm", headers: get }, signal);
  const index = page.ok ? judgeStatus(page.value, "https", login) : page;
  if (!index.ok) return index;
  const token = csrfTokenIn(index.value.body.toString("utf8", 0, 256 * 1024));
  return token === undefined
    ? fail({ kind: "garbled", via: "https", wanted: "a page with a csrf-token" })
    : ok({ get, post: { ...get, "anti-csrf-token": token } });
}

function csrfTokenIn(page: string): string | undefined {
  const tag = page.split("<").find((piece) => /^meta\s/i.test(piece) && /\bname=["']csrf-token["']/i.test(piece.slice(0, 600)));
  const token = /\bcontent=["']([^"']*)["']/i.exec(tag?.slice(0, 1_200) ?? "")?.[1];
  return token !== undefined && TOKEN.test(token) ? token : undefined;
}
