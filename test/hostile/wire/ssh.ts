/** A real SSH server whose bytes are spoiled on the wire, whose packets are spoiled before they are sealed, and whose shell says odd things. */
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import ssh2, { type Connection, type ServerChannel } from "ssh2";
import { Secret } from "../../../protocols/core/secret.ts";
import { createSshClient, hostFingerprintOf, type SshClient, type SshTarget } from "../../../protocols/ssh/client.ts";
import { makeSshKey } from "../../support/ssh-key.ts";
import { endingOf, type Wire } from "./run.ts";
import type { Story } from "./spoil.ts";
import { type Line, openTcp, type TcpPeer } from "./tcp.ts";
import { ANSWERS, CALLS, SERIAL } from "./telnet.ts";

const PASSWORD = "right-password";
export const login = { id: "cred-1", user: "admin", password: new Secret(PASSWORD) };
const KEY = makeSshKey();
const GREETING = "\r\r\nHi, my name is : Room 700\r\r\nHere is what I know about myself:\r\r\nModel: RealPresence Group 700\r\r\n-> ";

/** Of today, of yesterday, and of 2015. */
const SUITES: readonly ssh2.ServerConfig["algorithms"][] = [
  {},
  { cipher: ["aes128-ctr"], hmac: ["hmac-sha2-256"] },
  { cipher: ["aes256-cbc"], hmac: ["hmac-sha1"], kex: ["ecdh-sha2-nistp256"] },
];

/** What the library keeps to itself: the last hand a packet passes before it is sealed. */
interface Inner {
  readonly _protocol: {
    readonly _cipher: { allocPacket(length: number): Buffer };
    readonly _packetRW: { readonly write: { finalize(packet: Buffer, force?: boolean): Buffer } };
  };
  rekey(): void;
}

/** Room for the authentication tag behind a packet. */
const TAG_BYTES = [0, 16];

function spoilPackets(connection: Connection, story: Story): void {
  const { _protocol: protocol } = connection as unknown as Inner;
  const { write } = protocol._packetRW;
  const finalize = write.finalize.bind(write);
  write.finalize = (packet, force) => {
    const framed = packet.length > 5 && TAG_BYTES.includes(packet.length - 4 - packet.readUInt32BE(0));
    // What waits for the end of a key exchange has no frame yet; it passes here again.
    if (!framed) return finalize(packet, force);
    const payload = packet.subarray(5, 4 + packet.readUInt32BE(0) - (packet[4] as number));
    const spoiled = story.inside(payload);
    if (spoiled === payload) return finalize(packet, force);
    const again = protocol._cipher.allocPacket(spoiled.length);
    again.set(spoiled, 5);
    return finalize(again, force);
  };
}

/** The connection as the library sees it: what it writes, the story says. */
function streamOf(line: Line): Socket {
  const { socket } = line;
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      line.say(chunk);
      done();
    },
    final(done) {
      line.perform([{ act: "end" }]);
      done();
    },
  });
  socket.on("data", (chunk: Buffer) => void stream.push(chunk));
  socket.once("close", () => stream.destroy());
  stream.on("error", () => undefined);
  return stream as unknown as Socket;
}

function serveShell(channel: ServerChannel, story: Story): void {
  const say = (text: string): void => void channel.write(story.inside(Buffer.from(text)));
  let rest = "";
  say(GREETING);
  channel.on("error", () => undefined);
  channel.on("data", (chunk: Buffer) => {
    const pieces = (rest + chunk.toString()).split("\r\n");
    rest = pieces.pop() ?? "";
    for (const piece of pieces) {
      if (piece === "exit") channel.close();
      else for (const text of ANSWERS[piece] ?? ["error: command not found\r\r\n-> "]) say(text);
    }
  });
}

/** One server per suite; it takes connections from us and listens nowhere. */
function server(algorithms: ssh2.ServerConfig["algorithms"], storyOf: () => Story | undefined): ssh2.Server {
  const made = new ssh2.Server({ hostKeys: [KEY], ...(algorithms === undefined ? {} : { algorithms }) });
  made.on("connection", (connection) => {
    const story = storyOf();
    if (story === undefined) return void connection.end();
    spoilPackets(connection, story);
    connection.on("error", () => undefined);
    const method = story.random.below(3) === 0 ? "keyboard-interactive" : "password";
    connection.on("authentication", (context) => {
      if (context.method === "password" && method === "password") context.accept();
      else if (context.method === "keyboard-interactive") context.prompt([{ prompt: "Password:", echo: false }], () => context.accept());
      else context.reject([method]);
    });
    connection.on("session", (accept) => {
      const session = accept();
      session.on("pty", (yes) => yes?.());
      session.on("shell", (yes) => {
        serveShell(yes(), story);
        if (story.random.below(6) === 0) (connection as unknown as Inner).rekey();
      });
    });
  });
  return made;
}

const parsed = ssh2.utils.parseKey(KEY);
if (parsed instanceof Error) throw parsed;
export const FINGERPRINT = hostFingerprintOf((Array.isArray(parsed) ? parsed[0] : parsed).getPublicSSH());

export type SshPeer = TcpPeer & {
  /** Which algorithms the server knows. */
  suite: number;
};

export async function openSshPeer(host = "127.0.0.1"): Promise<SshPeer> {
  const serve = (line: Line): void => {
    const { suite } = peer;
    servers[suite] ??= server(SUITES[suite], () => peer.story);
    servers[suite].injectSocket(streamOf(line));
  };
  const servers: ssh2.Server[] = [];
  const peer: SshPeer = Object.assign(await openTcp(serve, { host }), { suite: 0 });
  return peer;
}

function ask(client: SshClient, target: SshTarget, { story, patienceMs }: { story: Story; patienceMs: number }): Promise<string> {
  const signal = AbortSignal.timeout(patienceMs * 4);
  const way = story.random.below(8);
  if (way === 0) return client.banner(target, signal).then(endingOf);
  if (way === 1) return client.offer(target, signal).then(endingOf);
  const run: Parameters<typeof client.session>[2] = async (shell) => {
    const calls = await shell.ask("callinfo all", CALLS);
    return calls.ok ? shell.ask("whoami", SERIAL) : calls;
  };
  return client.session(target, login, run, signal).then(endingOf);
}

export const ssh: Wire = {
  shape: { messages: 14, contents: 20 },
  lanes: 8,
  replays: false,
  async openLane(_index, patienceMs) {
    const peer = await openSshPeer();
    const client = createSshClient();
    return {
      async run(story) {
        peer.story = story;
        peer.suite = story.random.below(SUITES.length);
        const profile = peer.suite === 2 ? "legacyRsaSha1" : "modern";
        const ending = await ask(
          client,
          { address: "127.0.0.1", port: peer.port, trust: "pin", hostFingerprint: FINGERPRINT, profile },
          { story, patienceMs },
        );
        await peer.hangUp(0);
        return ending;
      },
      async close() {
        await client.close();
        await peer.close();
      },
    };
  },
};
