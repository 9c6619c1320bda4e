// One webhook: whether its receiver takes what is sent, everything that can be done about it, and its log.
import { useRef, useState } from "preact/hooks";
import * as api from "./api";
import { DeliveryLog } from "./deliveries";
import { atInWords, ownZone } from "./events";
import { Banner, Chip, Dialog, go, Link } from "./parts";
import { useNow, usePoll } from "./poll";
import type { Delivery, Summary, Webhook, WebhookMade } from "./types";
import { refusal, Secret, WebhookFields } from "./webhook_form";
import { Trouble, usePlatforms } from "./webhook_list";
import { hearsInWords, TEST, webhookState, type Sent } from "./webhooks";
import { lower } from "./words";

const EVERY_MS = 10_000;

interface Seen { webhook: Webhook; etag: string }

const hostOf = (url: string): string => /^https?:\/\/([^/?#]+)/.exec(url)?.[1] ?? url;

export function WebhookPage({ id }: { id: string }) {
  const { value, error, lost, refresh } = usePoll(() => api.showWebhook(id), EVERY_MS, id);
  const { platforms, names, read } = usePlatforms();
  const [made, setMade] = useState<WebhookMade | null>(null);
  const [sent, setSent] = useState<Sent | null>(null);
  const send = async (type: string, before: Delivery | null, ask: () => Promise<Delivery>): Promise<void> => {
    const at = Date.now();
    setSent({ type, before, answered: null, at });
    try {
      setSent({ type, before, answered: await ask(), at });
    } catch (problem) {
      setSent(null);
      throw problem;
    }
  };
  const test = (): Promise<void> => send(TEST, null, () => api.testWebhook(id));
  const again = (delivery: Delivery): Promise<void> => send(delivery.type, delivery, () => api.resend(id, delivery.messageId));
  if (!value) {
    return <main><Crumbs /><Banner lost={lost} error={error} />{!error && <p class="quiet" role="status">Loading…</p>}</main>;
  }
  const { webhook } = value;
  return (
    <main>
      <Crumbs />
      <Banner lost={lost} error={error} />
      {made && <Secret title="A new secret" made={made}>{made.previousSecretUntil && <p><Overlap until={made.previousSecretUntil} /></p>}</Secret>}
      <section class={`panel hook ${webhook.trouble ? "wrong" : ""}`}>
        <div>
          <p class="row">{webhookState(webhook).map((state) => <Chip state={state} />)}</p>
          <h1>{webhook.description || hostOf(webhook.url)}</h1>
          <p><code>{webhook.url}</code></p>
          <p class="hint">Hears {lower(hearsInWords(webhook, names))}</p>
          <Trouble webhook={webhook} />
          {!made && webhook.previousSecretUntil && <p class="hint"><Overlap until={webhook.previousSecretUntil} /></p>}
        </div>
        <Actions seen={value} refresh={refresh} rotated={setMade} test={test} />
      </section>
      <Change seen={value} platforms={read ? platforms : null} refresh={refresh} />
      <DeliveryLog id={id} names={names} sent={sent} again={again} />
    </main>
  );
}

const Crumbs = () => <p class="crumbs"><Link to="/">Platforms</Link> › <Link to="/account/webhooks">Webhooks</Link></p>;

function Overlap({ until }: { until: string }) {
  const now = useNow();
  return <>The old secret signs too until <time dateTime={until}>{atInWords(until, ownZone(), now)}</time>: each message has both signatures until then.</>;
}

interface ActionProps { seen: Seen; refresh: () => void; rotated: (made: WebhookMade) => void; test: () => Promise<void> }

function Actions({ seen: { webhook, etag }, refresh, rotated, test }: ActionProps) {
  const [asking, setAsking] = useState<"rotate" | "remove" | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const busy = useRef(false);
  const run = async <T,>(ask: () => Promise<T>, then: (answer: T) => void): Promise<void> => {
    if (busy.current) return;
    busy.current = true;
    setFailure(null);
    try {
      then(await ask());
    } catch (error) {
      setFailure(refusal(error));
    } finally {
      busy.current = false;
      setAsking(null);
      refresh();
    }
  };
  return (
    <div>
      <div class="actions">
        <button class="primary" onClick={() => void run(test, () => undefined)}>Send a test</button>
        <button onClick={() => void run(() => api.changeWebhook(webhook.id, etag, { enabled: !webhook.enabled }), () => undefined)}>Switch {webhook.enabled ? "off" : "on"}</button>
        <button onClick={() => setAsking("rotate")}>Rotate secret…</button>
        <button onClick={() => setAsking("remove")}>Delete…</button>
      </div>
      {failure && <p class="problem" role="alert">{failure}</p>}
      <Dialog title="Make a new secret?" open={asking === "rotate"} close={() => setAsking(null)}>
        <p>Messages are signed with the new one from now on. The old one signs too for a day, so that you have time to change the receiver.</p>
        {webhook.previousSecretUntil && <p class="problem">The secret before this one still signs. It does no more after this: only the one of now does.</p>}
        <div class="actions">
          <button class="primary" onClick={() => void run(() => api.rotateSecret(webhook.id), rotated)}>Make a new secret</button>
          <button onClick={() => setAsking(null)}>Keep it</button>
        </div>
      </Dialog>
      <Dialog title="Delete this webhook?" open={asking === "remove"} close={() => setAsking(null)}>
        <p>Nothing is sent to <code>{webhook.url}</code> any more, not even what waits, and its log is gone with it.</p>
        <div class="actions">
          <button class="danger" onClick={() => void run(() => api.removeWebhook(webhook.id), () => go("/account/webhooks"))}>Delete</button>
          <button onClick={() => setAsking(null)}>Keep it</button>
        </div>
      </Dialog>
    </div>
  );
}

/** What is changed is the webhook as it was read when this was opened: that is what the ETag says. */
function Change({ seen, platforms, refresh }: { seen: Seen; platforms: Summary[] | null; refresh: () => void }) {
  const [before, setBefore] = useState<Seen | null>(null);
  const [said, setSaid] = useState("");
  const { id } = seen.webhook;
  const summary = useRef<HTMLElement>(null);
  const saved = (): void => {
    setBefore(null);
    setSaid("Saved.");
    summary.current?.focus();
    refresh();
  };
  const again = async (): Promise<void> => {
    const now = await api.showWebhook(id).catch(() => null);
    if (now) setBefore(now);
    refresh();
  };
  return (
    <details class="panel" open={before !== null} onToggle={(event) => { if (event.currentTarget.open !== (before !== null)) setBefore(event.currentTarget.open ? seen : null); }}>
      <summary ref={summary} onClick={() => setSaid("")}>Change <span class="hint" role="status">{said}</span></summary>
      {before && platforms && (
        <WebhookFields key={before.etag} before={before} platforms={platforms} again={() => void again()} done={saved}
          send={(body) => api.changeWebhook(id, before.etag, body)} />
      )}
    </details>
  );
}
