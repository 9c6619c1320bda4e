// The address under which calendar programs read the planned events: made, copied, renewed and taken back.
import { useRef, useState } from "preact/hooks";
import * as api from "./api";
import { Dialog, Value } from "./parts";

export function Feed({ platform, feed, changed }: { platform: string; feed: string | undefined; changed: () => void }) {
  const [asking, setAsking] = useState<"renew" | "remove" | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const busy = useRef(false);
  const run = async (ask: () => Promise<unknown>): Promise<void> => {
    if (busy.current) return;
    busy.current = true;
    setFailure(null);
    try {
      await ask();
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    } finally {
      busy.current = false;
      setAsking(null);
      changed();
    }
  };
  const address = feed && new URL(feed, location.origin).href;
  return (
    <div class="feed">
      {address && <Value label="Subscribe in your calendar program" value={address} />}
      {failure && <p class="problem" role="alert">{failure}</p>}
      <div class="row">
        {address && <a class="button small" href={address.replace(/^https?:/, "webcal:")}>Open in a calendar program</a>}
        {address && <button class="small" onClick={() => setAsking("renew")}>New address…</button>}
        {address && <button class="small" onClick={() => setAsking("remove")}>Take back…</button>}
        {!address && <button class="small" onClick={() => void run(() => api.makeFeed(platform))}>Show in a calendar program</button>}
      </div>
      {address && <p class="hint">Whoever has this address reads titles and times of the planned events, without signing in.</p>}
      <Dialog title="Make a new address?" open={asking === "renew"} close={() => setAsking(null)}>
        <p>Calendar programs that have the address of now show nothing new any more; give the new one to those who are to see the plan.</p>
        <div class="actions">
          <button class="primary" onClick={() => void run(() => api.makeFeed(platform))}>Make a new address</button>
          <button onClick={() => setAsking(null)}>Keep it</button>
        </div>
      </Dialog>
      <Dialog title="Take the address back?" open={asking === "remove"} close={() => setAsking(null)}>
        <p>Nobody reads the plan with it any more. The planned events stay.</p>
        <div class="actions">
          <button class="danger" onClick={() => void run(() => api.removeFeed(platform))}>Take it back</button>
          <button onClick={() => setAsking(null)}>Keep it</button>
        </div>
      </Dialog>
    </div>
  );
}
