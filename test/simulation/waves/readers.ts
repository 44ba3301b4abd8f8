/** Those who have the channel read: soon after it has something new, and now and then. */
import { MINUTE } from "../../../protocols/core/time.ts";
import { ANNA, BEN, DOE, give, type PeopleIo, pick, VIC } from "./people.ts";

export function startReaders(io: PeopleIo): void {
  const { time, random, story } = io;
  const { channel } = story;
  if (channel === undefined) return;
  const read = (): void => {
    const who = random.below(20) === 0 ? VIC : pick([DOE, ANNA, BEN], random);
    void give({ who, verb: "firmware.sync", args: {} }, io);
  };
  const next = (): void => {
    read();
    time.after(channel.readEveryMs * (0.3 + 1.4 * random.next()), next);
  };
  for (const { atMs } of channel.news) time.at(atMs + random.below(40 * MINUTE), read);
  time.after(channel.readEveryMs, next);
}
