/** A telnet server in the words of a Group: negotiation, log-in, banner, answers. */
import { Secret } from "../../../protocols/core/secret.ts";
import type { Shape as AnswerShape } from "../../../protocols/shell/prompt.ts";
import { createTelnetClient } from "../../../protocols/telnet/client.ts";
import { endingOf, type Wire } from "./run.ts";
import { type Line, openTcp } from "./tcp.ts";

const PASSWORD = "remote-pass";
const login = { id: "remote", user: "admin", password: new Secret(PASSWORD) };
const NEGOTIATION = Buffer.from([255, 253, 24, 255, 251, 1, 255, 251, 3, 255, 250, 24, 1, 255, 240, 255, 255]);
const BANNER =
  "\r\n\r\nHi, my name is : Room 700\r\r\nHere is what I know about myself:\r\r\nModel: RealPresence Group 700\r\r\nSerial Number: 8213AAAABBCCCV\r\r\n";
/** By command; what a Group of the document says. */
export const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  "callinfo all": [
    "callinfo all\r\r\n",
    "callinfo begin\r\r\ncallinfo:36:192.0.2.102:256:connected:notmuted:outgoing:videocall\r\r\n",
    "notification:callstatus:incoming:1::x:connected:64:0:videocall\r\r\ncallinfo end\r\r\n-> ",
  ],
  whoami: ["whoami\r\r\n", "\u001b[1mserial number is : 8213AAAABBCCCV\u001b[0m\r\r\n-> "],
};
export const CALLS: AnswerShape = {
  line: /^(?:callinfo:.*|system is not in a call)$/,
  until: /(?:\bcallinfo end|^system is not in a call)$/,
};
export const SERIAL: AnswerShape = { line: /^serial number is/i };

function serve(line: Line): void {
  let inside = false;
  let rest = "";
  line.say(NEGOTIATION);
  line.say("Password: ");
  const hear = (text: string): void => {
    if (!inside) {
      inside = text.endsWith(PASSWORD);
      line.say(inside ? BANNER : "\r\nPassword: ");
      if (inside) line.say("-> ");
    } else if (text === "exit") line.perform([{ act: "end" }]);
    else for (const message of ANSWERS[text] ?? ["error: command not found\r\r\n-> "]) line.say(message);
  };
  line.socket.on("data", (chunk: Buffer) => {
    const pieces = (rest + chunk.toString("latin1").replaceAll(/\xff[\xfb-\xfe]./gs, "")).split("\r\n");
    rest = pieces.pop() ?? "";
    for (const piece of pieces) hear(piece);
  });
}

export const telnet: Wire = {
  shape: { messages: 8, contents: 0 },
  lanes: 24,
  replays: true,
  async openLane(_index, patienceMs) {
    const peer = await openTcp(serve);
    const client = createTelnetClient();
    const target = { address: "127.0.0.1", port: peer.port };
    return {
      async run(story) {
        peer.story = story;
        const result = await client.session(
          target,
          login,
          async (shell) => {
            const calls = await shell.ask("callinfo all", CALLS);
            return calls.ok ? shell.ask("whoami", SERIAL) : calls;
          },
          AbortSignal.timeout(patienceMs * 2),
        );
        await peer.hangUp(0);
        return endingOf(result);
      },
      async close() {
        await client.close();
        await peer.close();
      },
    };
  },
};
