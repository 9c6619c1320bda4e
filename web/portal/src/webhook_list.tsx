// All webhooks: what they hear, and which of them fail. And the page that makes one.
import { useEffect, useState } from "preact/hooks";
import * as api from "./api";
import { atInWords, ownZone } from "./events";
import { Banner, Chip, Link } from "./parts";
import { useNow, usePoll } from "./poll";
import type { Summary, Webhook, WebhookMade } from "./types";
import { refusal, Secret, WebhookFields } from "./webhook_form";
import { answerInWords, hearsInWords, webhookState } from "./webhooks";
import { lower } from "./words";

const EVERY_MS = 10_000;

export const pageOf = (id: string): string => `/account/webhooks/${id}`;

/** The platforms, read once: a name that could not be read is an id, no error. */
export function usePlatforms(): { platforms: Summary[]; names: Map<string, string>; read: boolean } {
  const [platforms, setPlatforms] = useState<Summary[] | null>(null);
  useEffect(() => void api.allPlatforms().then(setPlatforms, () => setPlatforms([])), []);
  return { platforms: platforms ?? [], names: new Map(platforms?.map(({ id, name }) => [id, name])), read: platforms !== null };
}

export function WebhooksPage() {
  const { value, error, lost, refresh } = usePoll(api.listWebhooks, EVERY_MS, "webhooks");
  const { names } = usePlatforms();
  const [failure, setFailure] = useState<string | null>(null);
  /** What is switched is the webhook as it is now, whatever else is changed about it. */
  const toggle = async (webhook: Webhook): Promise<void> => {
    setFailure(null);
    try {
      const { etag } = await api.showWebhook(webhook.id);
      await api.changeWebhook(webhook.id, etag, { enabled: !webhook.enabled });
    } catch (problem) {
      setFailure(refusal(problem));
    }
    refresh();
  };
  return (
    <main>
      <p class="crumbs"><Link to="/">Platforms</Link></p>
      <div class="head">
        <h1>Webhooks</h1>
        {value && value.length > 0 && <Link to="/account/webhooks/new" class="button primary">New webhook</Link>}
      </div>
      <Banner lost={lost} error={error} />
      {failure && <p class="banner bad" role="alert">{failure}</p>}
      {!value && !error && <p class="quiet" role="status">Loading…</p>}
      {value?.length === 0 && <Empty />}
      {value && value.length > 0 && <ul class="hooks">{value.map((webhook) => <li key={webhook.id}><Row webhook={webhook} names={names} toggle={() => toggle(webhook)} /></li>)}</ul>}
    </main>
  );
}

function Empty() {
  return (
    <section class="panel center empty">
      <h2>No webhooks yet</h2>
      <p>A webhook is an address of yours to which messages are posted: that a channel is on air, that something failed, what was repaired, what is spent.</p>
      <Link to="/account/webhooks/new" class="button primary">Create your first webhook</Link>
    </section>
  );
}

function Row({ webhook, names, toggle }: { webhook: Webhook; names: Map<string, string>; toggle: () => Promise<void> }) {
  const [busy, setBusy] = useState(false);
  const press = (): void => {
    if (busy) return;
    setBusy(true);
    void toggle().finally(() => setBusy(false));
  };
  return (
    <article class={webhook.trouble ? "panel hook wrong" : "panel hook"}>
      <div>
        <p class="row">{webhookState(webhook).map((state) => <Chip state={state} />)}</p>
        <h2><Link to={pageOf(webhook.id)}>{webhook.url}</Link></h2>
        {webhook.description && <p>{webhook.description}</p>}
        <p class="hint">Hears {lower(hearsInWords(webhook, names))}</p>
        <Trouble webhook={webhook} />
      </div>
      <button class="small" aria-busy={busy} onClick={press}>Switch {webhook.enabled ? "off" : "on"}<span class="unseen"> {webhook.url}</span></button>
    </article>
  );
}

/** Since when it fails, and what the receiver answered last. */
export function Trouble({ webhook: { trouble } }: { webhook: Webhook }) {
  const now = useNow();
  if (!trouble) return null;
  const { since, failures, lastAnswer } = trouble;
  const when = (moment: string): string => atInWords(moment, ownZone(), now);
  return (
    <div class="problem trouble">
      <p>Failing since <time dateTime={since}>{when(since)}</time>, {failures === 1 ? "one attempt" : `${failures} attempts`}. The last answer, <time dateTime={lastAnswer.at}>{when(lastAnswer.at)}</time>: <b>{answerInWords(lastAnswer)}</b></p>
      {lastAnswer.said && <p><code>{lastAnswer.said}</code></p>}
    </div>
  );
}

export function NewWebhookPage() {
  const { platforms, read } = usePlatforms();
  const [made, setMade] = useState<WebhookMade | null>(null);
  return (
    <main class="narrow">
      <p class="crumbs"><Link to="/">Platforms</Link> › <Link to="/account/webhooks">Webhooks</Link></p>
      <h1>New webhook</h1>
      {made && (
        <Secret title="The webhook is made" made={made}>
          <p class="actions"><Link to={pageOf(made.id)} class="button">Go on to the webhook</Link></p>
        </Secret>
      )}
      {!made && !read && <p class="quiet" role="status">Loading…</p>}
      {!made && read && <section class="panel"><WebhookFields before={null} platforms={platforms} send={api.createWebhook} done={setMade} /></section>}
    </main>
  );
}
