/**
 * A loop with an owner: runs one turn after the other at its own pace, can be woken early, and stops cleanly.
 */

/** Pause after a turn that threw, so that a bug cannot spin. */
const AFTER_BUG_MS     = 5_000;

export function startLoop(
  options                                                                                           ,
  turn                                        ,
)       {
  const stopping = new AbortController();
  let woken = false;
  let nap                             ;

  const rest = async (lengthMs    )                => {
    if (woken || stopping.signal.aborted) return;
    nap = new AbortController();
    await options.clock.sleep(lengthMs, AbortSignal.any([nap.signal, stopping.signal])).catch(() => undefined);
    nap = undefined;
  };

  const run = async ()                => {
    while (!stopping.signal.aborted) {
      woken = false;
      let pauseMs = options.everyMs;
      try {
        await turn(stopping.signal);
      } catch (error) {
        if (stopping.signal.aborted) return;
        options.log.error("a loop turn failed", { loop: options.name, error });
        pauseMs = Math.max(pauseMs, AFTER_BUG_MS);
      }
      await rest(pauseMs);
    }
  };
  const done = run();
  return {
    wake() {
      woken = true;
      nap?.abort();
    },
    async stop() {
      stopping.abort();
      await done;
    },
  };
}

//# sourceURL=file:///work/main/agent/loop.ts