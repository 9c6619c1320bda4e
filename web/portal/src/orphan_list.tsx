// What is left over: resources in AWS that no platform has, and platforms that nobody uses. It is looked for when somebody asks: a look
// goes through the whole account.
import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "./api";
import { atInWords, momentInWords, ownZone } from "./events";
import { cureInWords, isDone, isRunning, kindInWords, leftInWords, stepInWords } from "./orphans";
import { Banner, Dialog, Field, Link } from "./parts";
import { useNow } from "./poll";
import type { Orphan, Orphans, OrphanStep, Unused } from "./types";
import { capital, dollars, stateOf } from "./words";

const DAYS = "30";
/** A removal of several steps is asked for again so often, while the page is open. */
const AGAIN_MS = 10_000;

export function OrphansPage() {
  const [days, setDays] = useState(DAYS);
  const [value, setValue] = useState<Orphans | null>(null);
  const [failure, setFailure] = useState<Error | null>(null);
  const [looking, setLooking] = useState(false);
  const look = async (): Promise<void> => {
    if (looking) return;
    setLooking(true);
    setFailure(null);
    await api.orphans(days.trim()).then(setValue, (error: unknown) => setFailure(error instanceof Error ? error : new Error(String(error))));
    setLooking(false);
  };
  useEffect(() => void look(), []);
  const wrong = failure instanceof api.Refused && failure.problem.status === 422 ? [failure.problem.errors?.[0]?.detail ?? failure.message] : undefined;
  return (
    <main>
      <p class="crumbs"><Link to="/">Platforms</Link></p>
      <div class="head"><h1>Orphans</h1></div>
      <p class="hint">What was made in AWS for a platform that has it no more, and platforms that were made and never used. Nothing is removed by itself.</p>
      <form class="row looking" noValidate aria-busy={looking} onSubmit={(event) => { event.preventDefault(); void look(); }}>
        <Field label="Unused for days" problems={wrong}>
          {(props) => <input {...props} name="days" inputMode="numeric" value={days} onInput={(event) => setDays(event.currentTarget.value)} />}
        </Field>
        <button>Look again</button>
      </form>
      {failure && !wrong && <Banner lost={false} error={failure} />}
      <div role="status">
        {looking && <p class="quiet">Looking through AWS…</p>}
        {!looking && value && <Summary value={value} />}
      </div>
      {value && <Found value={value} />}
    </main>
  );
}

function Summary({ value }: { value: Orphans }) {
  const now = useNow();
  const left = leftInWords(value);
  const found = value.orphans.length + value.unused.length;
  return (
    <>
      {left.length > 0 && (
        <div class="banner">
          <p><b>AWS did not tell everything, so that something may be missing here:</b></p>
          <ul>{left.map((text) => <li>{text}</li>)}</ul>
        </div>
      )}
      {found === 0 && (
        <section class="panel center empty">
          <h2>{left.length > 0 ? "Nothing was found in what AWS told" : "Nothing is left over"}</h2>
          <p>{left.length > 0 ? "Look again in a moment." : "Everything in AWS belongs to a platform, and every platform is used."}</p>
        </section>
      )}
      <p class="hint">Looked {momentInWords(value.lookedAt, ownZone(), now)}.</p>
    </>
  );
}

function Found({ value: { orphans, unused } }: { value: Orphans }) {
  return (
    <>
      {orphans.length > 0 && <h2 class="left">Left over in AWS</h2>}
      <ul class="orphans">{orphans.map((orphan) => <li key={orphan.id}><Row orphan={orphan} /></li>)}</ul>
      {unused.length > 0 && <h2 class="left">Platforms that nobody uses</h2>}
      <ul class="orphans">{unused.map((platform) => <li key={platform.id}><UnusedRow platform={platform} /></li>)}</ul>
    </>
  );
}

/** Asks for the next step until nothing is left to do: a channel is stopped, a distribution disabled before it can go. */
function useRemoval(id: string): { step: OrphanStep | null; failure: string | null; busy: boolean; remove: () => void } {
  const [step, setStep] = useState<OrphanStep | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const over = useRef(false);
  useEffect(() => () => { over.current = true; clearTimeout(timer.current); }, []);
  const ask = async (before: OrphanStep | null): Promise<void> => {
    const next = await api.removeOrphan(id).catch((error: unknown) => {
      // What was on its way and is not there any more has gone.
      if (before && error instanceof api.Refused && error.problem.status === 404) return { id, state: "removed" };
      throw error;
    });
    setStep(next);
    if (!isDone(next) && !over.current) timer.current = setTimeout(() => void follow(next), AGAIN_MS);
    else setBusy(false);
  };
  const follow = (before: OrphanStep | null): Promise<void> => ask(before).catch((error: unknown) => {
    setBusy(false);
    setFailure(error instanceof Error ? error.message : String(error));
  });
  const remove = (): void => {
    if (busy) return;
    setBusy(true);
    setFailure(null);
    void follow(step);
  };
  return { step, failure, busy, remove };
}

function Row({ orphan }: { orphan: Orphan }) {
  const now = useNow();
  const [asking, setAsking] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const { step, failure, busy, remove } = useRemoval(orphan.id);
  const { name, arn, platform, createdAt, why, state } = orphan;
  const done = step !== null && isDone(step) && !failure;
  // The button goes with the first step. After the dialog, which gives the focus back as it closes.
  useEffect(() => { if (busy) heading.current?.focus(); }, [busy]);
  const sure = (): void => {
    setAsking(false);
    remove();
  };
  return (
    <article class={isRunning(orphan) && !step ? "panel hook wrong" : "panel hook"}>
      <div>
        <p class="label">{kindInWords(orphan)}{state && `, ${state.replace("-", " ")}`}</p>
        <h3 ref={heading} tabIndex={-1}>{name}</h3>
        {isRunning(orphan) && !step && <p class="problem">It runs, and costs as much as a channel on air.</p>}
        <p>{capital(why)}</p>
        <p class="hint">Made {createdAt ? atInWords(createdAt, ownZone(), now) : "at a time that AWS does not tell"}, for the platform {platform}.</p>
        {arn && <p class="hint"><code>{arn}</code></p>}
        <p role="status">{step && !failure && stepInWords(step)}</p>
        {failure && <p class="problem" role="alert">{failure}</p>}
      </div>
      {orphan.removable && !busy && !done && <button class="small" onClick={() => setAsking(true)}>Remove…<span class="unseen"> {name}</span></button>}
      {!orphan.removable && <p class="hint">It cannot be removed now.</p>}
      <Dialog title={`Remove ${name}?`} open={asking} close={() => setAsking(false)}>
        <p>It is removed from AWS, and cannot be had back. {isRunning(orphan) && "It is stopped first: what it sends ends. "}Where that takes several steps, they are taken while this page is open.</p>
        <div class="actions">
          <button class="danger" onClick={sure}>Remove</button>
          <button onClick={() => setAsking(false)}>Keep it</button>
        </div>
      </Dialog>
    </article>
  );
}

function UnusedRow({ platform }: { platform: Unused }) {
  const now = useNow();
  return (
    <article class="panel">
      <p class="label">{stateOf(platform.phase).word}</p>
      <h3><Link to={`/p/${platform.id}`}>{platform.name}</Link></h3>
      <p>{cureInWords(platform.cure)}</p>
      <p class="hint">Made {atInWords(platform.createdAt, ownZone(), now)}.{platform.usdPerMonth !== undefined && ` It costs ${dollars(platform.usdPerMonth)} a month at rest.`}</p>
    </article>
  );
}
