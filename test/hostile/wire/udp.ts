/** A UDP peer on loopback that answers as the story of the moment wants it. */
import { createSocket } from "node:dgram";
import { setImmediate as turn } from "node:timers/promises";
import type { Act, Story } from "./spoil.ts";

export interface UdpPeer {
  readonly port: number;
  /** Without one nothing is answered. */
  story: Story | undefined;
  /** Ends the story, when what was sent for it has been read. */
  hangUp(): Promise<void>;
  close(): Promise<void>;
}

const TURNS_TO_SEE = 2;
const AT_ONCE = 20;

/** @param answer  the honest answer to a datagram; asked once for each different one of a story, so that a repeat hears the same */
export async function openUdp(answer: (datagram: Buffer, story: Story) => Buffer | undefined, host = "127.0.0.1"): Promise<UdpPeer> {
  const socket = createSocket("udp4");
  const said = new Map<string, readonly Act[]>();
  socket.on("error", () => undefined);
  socket.on("message", async (datagram, from) => {
    const { story } = peer;
    if (story === undefined) return;
    const key = datagram.toString("latin1");
    let acts = said.get(key);
    if (acts === undefined) {
      const honest = answer(datagram, story);
      acts = honest === undefined ? [] : story.pass(honest);
      said.set(key, acts);
    }
    let sent = 0;
    for (const act of acts) {
      // A flood comes from somewhere else: our own sending shall not be what holds the loop.
      if (act.act === "send" && ++sent % AT_ONCE === 0) await turn();
      if (act.act === "wait") for (let left = act.turns; left > 0; left--) await turn();
      else if (act.act === "send" && peer.story === story) socket.send(act.bytes, from.port, from.address, () => undefined);
    }
  });
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  const peer: UdpPeer = {
    port: socket.address().port,
    story: undefined,
    async hangUp() {
      for (let left = TURNS_TO_SEE; left > 0; left--) await turn();
      peer.story = undefined;
      said.clear();
      await turn();
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
  return peer;
}
