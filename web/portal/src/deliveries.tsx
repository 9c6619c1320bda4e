// The log of a webhook: what was sent, what was answered, what comes next, and sending again.
import { useState } from "preact/hooks";
import * as api from "./api";
import { atInWords, momentInWords, ownZone } from "./events";
import { Chip, Link } from "./parts";
import { useNow, usePoll } from "./poll";
import type { Delivery, DeliveryPage } from "./types";
import { answerInWords, deliveryState, outcomeInWords, outcomeOf, TEST, type Sent } from "./webhooks";

const EVERY_MS = 10_000;
/** While somebody waits for what they have just sent; so long, and then the log will show it. */
const WATCHED_MS = 1_000;
const PATIENCE_MS = 60_000;

async function pagesOf(id: string, pages: number): Promise<DeliveryPage> {
  const all: Delivery[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < pages; page += 1) {
    const got = await api.deliveries(id, cursor);
    all.push(...got.deliveries);
    cursor = got.cursor;
    if (!cursor) break;
  }
  return cursor ? { deliveries: all, cursor } : { deliveries: all };
}

interface Props { id: string; names: Map<string, string>; sent: Sent | null; again: (delivery: Delivery) => Promise<void> }

export function DeliveryLog({ id, names, sent, again }: Props) {
  const [pages, setPages] = useState(1);
  const [watching, setWatching] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  // Read again at once when something was sent by hand.
  const { value, error } = usePoll(async () => {
    const got = await pagesOf(id, pages);
    setWatching(isWaitedFor(sent, got.deliveries));
    return got;
  }, watching ? WATCHED_MS : EVERY_MS, `${id} ${pages} ${sent?.answered ? sent.at : ""}`);
  const resend = async (delivery: Delivery): Promise<void> => {
    setFailure(null);
    try {
      await again(delivery);
    } catch (problem) {
      setFailure(problem instanceof Error ? problem.message : String(problem));
    }
  };
  return (
    <section class="panel">
      <h2>Log</h2>
      <p class="outcome" role="status">{sent && <Outcome sent={sent} deliveries={value?.deliveries ?? []} />}</p>
      {failure && <p class="problem" role="alert">{failure}</p>}
      {!value && <p class="quiet" role="status">{error ? error.message : "Loading…"}</p>}
      {value?.deliveries.length === 0 && <p class="quiet">Nothing was sent yet. Send a test to see what the receiver answers.</p>}
      {value && value.deliveries.length > 0 && (
        <ul class="deliveries">{value.deliveries.map((delivery) => <li key={delivery.messageId}><Line delivery={delivery} names={names} again={() => resend(delivery)} /></li>)}</ul>
      )}
      {value?.cursor && <p class="actions"><button onClick={() => setPages(pages + 1)}>Earlier ones</button></p>}
    </section>
  );
}

const isWaitedFor = (sent: Sent | null, deliveries: Delivery[]): boolean =>
  sent !== null && !outcomeOf(sent, deliveries) && Date.now() - sent.at < PATIENCE_MS;

function Outcome({ sent, deliveries }: { sent: Sent; deliveries: Delivery[] }) {
  const what = sent.type === TEST ? "The test" : `The message ${sent.type}`;
  const outcome = outcomeOf(sent, deliveries);
  if (outcome) return <b class={outcome.state === "delivered" ? "good" : "problem"}>{what} {outcomeInWords(outcome)}</b>;
  return <>{isWaitedFor(sent, deliveries) ? `${what} is sent; waiting for the answer…` : "Nothing has come of it yet. The log will show it."}</>;
}

function Line({ delivery, names, again }: { delivery: Delivery; names: Map<string, string>; again: () => Promise<void> }) {
  const now = useNow();
  const [busy, setBusy] = useState(false);
  const { type, platform, sequence, createdAt, attempts, nextAttemptAt, lastAnswer, state } = delivery;
  const press = (): void => {
    if (busy) return;
    setBusy(true);
    void again().finally(() => setBusy(false));
  };
  const when = atInWords(createdAt, ownZone(), now);
  return (
    <article>
      <time dateTime={createdAt}>{when}</time>
      <div>
        <p class="line"><Chip state={deliveryState(delivery)} /> <b>{type}</b>{platform && <Link to={`/p/${platform}`}>{names.get(platform) ?? platform}</Link>}{sequence ? <span class="hint">no. {sequence}</span> : null}</p>
        <p class="hint">
          {attempts === 0 ? "Not tried yet" : attempts === 1 ? "One attempt" : `${attempts} attempts`}
          {lastAnswer && <>, answered {momentInWords(lastAnswer.at, ownZone(), now)}: <span class={state === "delivered" ? "" : "problem"}>{answerInWords(lastAnswer)}</span></>}
          {nextAttemptAt && state === "waiting" && `. Next attempt ${momentInWords(nextAttemptAt, ownZone(), now)}`}
        </p>
        {lastAnswer?.said && <pre tabIndex={0} aria-label={`What was answered to ${type}, ${when}`}>{lastAnswer.said}</pre>}
      </div>
      <button class="small" aria-busy={busy} onClick={press}>Resend<span class="unseen"> {type}, {when}</span></button>
    </article>
  );
}
