// The form of a webhook, for a new one and for a change, and its secret, which is shown this once.
import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "./api";
import { Banner, Field, Value } from "./parts";
import type { FieldError, Summary, Webhook, WebhookMade } from "./types";
import { byName, EMPTY_WEBHOOK, GROUPS, unchosen, WEBHOOK_POINTERS, webhookForm, webhookOf, webhookPatch, type WebhookForm } from "./webhooks";
import { problemsByField, stillWrong } from "./words";

interface Before { webhook: Webhook; etag: string }
interface Props<T> { before: Before | null; platforms: Summary[]; send: (body: Record<string, unknown>) => Promise<T>; done: (answer: T) => void; again?: () => void }
interface Editing { form: WebhookForm; set: (change: Partial<WebhookForm>) => void; wrong: (pointer: string) => string[] | undefined }

const isStale = (error: unknown): boolean => error instanceof api.Refused && error.problem.status === 412;
/** Of what takes no form: a press of a button. */
export const refusal = (error: unknown): string =>
  isStale(error) ? "Somebody has changed this webhook meanwhile. It is shown now as it is; press again if you still want to." : error instanceof Error ? error.message : String(error);

export function WebhookFields<T>({ before, platforms, send, done, again }: Props<T>) {
  const was = before ? webhookForm(before.webhook) : null;
  const [form, setForm] = useState<WebhookForm>(was ?? EMPTY_WEBHOOK);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [failure, setFailure] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const page = useRef<HTMLFormElement>(null);
  const body = was ? webhookPatch(was, form) : webhookOf(form);
  const unchanged = Object.keys(body).length === 0;
  const problems = problemsByField(byName(errors, form), WEBHOOK_POINTERS);
  const set = (change: Partial<WebhookForm>): void => {
    const changed = { ...form, ...change };
    setForm(changed);
    setErrors(stillWrong(errors, webhookOf(form), webhookOf(changed)));
  };
  const refuse = (found: FieldError[], error: Error | null): void => {
    setErrors(found);
    setFailure(found.length > 0 ? null : error);
    // The first field that is wrong, once it is marked.
    setTimeout(() => page.current?.querySelector<HTMLElement>("[aria-invalid], [role=alert]")?.focus());
  };
  const submit = async (): Promise<void> => {
    // The button stays as it is meanwhile: one that is disabled would lose the focus.
    if (busy) return;
    const missing = unchosen(form);
    if (missing.length > 0) return refuse(missing, null);
    setBusy(true);
    refuse([], null);
    try {
      done(await send(body));
    } catch (error) {
      refuse(error instanceof api.Refused ? (error.problem.errors ?? []) : [], error instanceof Error ? error : new Error(String(error)));
    } finally {
      setBusy(false);
    }
  };
  const editing: Editing = { form, set, wrong: (pointer) => problems.get(pointer) };
  return (
    <form ref={page} noValidate aria-busy={busy} onSubmit={(event) => { event.preventDefault(); void submit(); }}>
      {isStale(failure) ? <Stale again={again} /> : failure && <div tabIndex={-1} role={failure instanceof api.SignedOut ? undefined : "alert"}><Banner lost={false} error={failure} /></div>}
      {problems.get("") && <ul class="banner bad" role="alert" tabIndex={-1}>{problems.get("")?.map((text) => <li>{text}</li>)}</ul>}
      <Where {...editing} />
      <Types {...editing} />
      <Platforms {...editing} platforms={platforms} />
      <div class="actions"><button class="primary" disabled={unchanged}>{before ? "Save" : "Create webhook"}</button></div>
    </form>
  );
}

function Stale({ again }: { again: (() => void) | undefined }) {
  return (
    <div class="banner bad" role="alert" tabIndex={-1}>
      <p>Somebody has changed this webhook since you opened it. Nothing of yours was saved: read it again, and make your change once more.</p>
      {again && <p class="actions"><button type="button" class="small" onClick={again}>Read it again</button></p>}
    </div>
  );
}

function Where({ form, set, wrong }: Editing) {
  return (
    <>
      <Field label="URL" problems={wrong("/url")} hint="Each message is posted there, over HTTPS.">
        {(props) => <input {...props} name="url" type="url" class="code" autoComplete="off" spellcheck={false} placeholder="https://ops.example.net/headend" value={form.url} onInput={(event) => set({ url: event.currentTarget.value })} />}
      </Field>
      <Field label="Description" problems={wrong("/description")} hint="For people: whose it is, what it is for.">
        {(props) => <input {...props} name="description" autoComplete="off" value={form.description} onInput={(event) => set({ description: event.currentTarget.value })} />}
      </Field>
    </>
  );
}

const toggled = (list: string[], one: string, on: boolean): string[] => (on ? [...list, one] : list.filter((other) => other !== one));

interface ChoiceProps { name: string; legend: string; all: string; some: string; chosen: boolean; choose: (all: boolean) => void; problems: string[] | undefined }

/** All, or some. What is wrong about it stands with it, and the first of the two can have the focus for it. */
function AllOrSome({ name, legend, all, some, chosen, choose, problems }: ChoiceProps) {
  const invalid = problems ? { "aria-invalid": true, "aria-describedby": `${name}-problem` } : {};
  return (
    <fieldset>
      <legend>{legend}</legend>
      <label class="choice"><input type="radio" name={name} checked={chosen} onChange={() => choose(true)} {...invalid} /><span><b>{all}</b></span></label>
      <label class="choice"><input type="radio" name={name} checked={!chosen} onChange={() => choose(false)} /><span><b>{some}</b></span></label>
      {problems && <p class="problem" id={`${name}-problem`}>{problems.map((text) => <span>{text}</span>)}</p>}
    </fieldset>
  );
}

function Types({ form, set, wrong }: Editing) {
  const known = GROUPS.flatMap(({ types }) => Object.keys(types));
  const groups = [...GROUPS.map(({ name, types }) => ({ name, types })), { name: "Others", types: Object.fromEntries(form.types.filter((type) => !known.includes(type)).map((type) => [type, ""])) }];
  return (
    <>
      <AllOrSome name="types" legend="What it hears" all="Everything, new kinds too" some="Only these" chosen={form.allTypes} choose={(allTypes) => set({ allTypes })} problems={wrong("/types")} />
      {!form.allTypes && (
        <div class="chosen">
          {groups.filter(({ types }) => Object.keys(types).length > 0).map(({ name, types }) => (
            <fieldset>
              <legend>{name}</legend>
              {Object.entries(types).map(([type, say]) => (
                <label class="choice">
                  <input type="checkbox" checked={form.types.includes(type)} onChange={(event) => set({ types: toggled(form.types, type, event.currentTarget.checked) })} />
                  <span><b>{type}</b> {say}</span>
                </label>
              ))}
            </fieldset>
          ))}
        </div>
      )}
    </>
  );
}

function Platforms({ form, set, wrong, platforms }: Editing & { platforms: Summary[] }) {
  const there = platforms.filter(({ id, phase }) => phase !== "Gone" || form.platforms.includes(id));
  const unknown = form.platforms.filter((id) => !platforms.some((one) => one.id === id));
  const rows = [...there.map(({ id, name, phase }) => ({ id, name, say: phase === "Gone" ? "removed" : id })), ...unknown.map((id) => ({ id, name: id, say: "not in the list" }))];
  return (
    <>
      <AllOrSome name="platforms" legend="Of which platforms" all="All platforms, later ones too" some="Only these" chosen={form.allPlatforms} choose={(allPlatforms) => set({ allPlatforms })} problems={wrong("/platforms")} />
      {!form.allPlatforms && (
        <fieldset class="chosen">
          <legend class="unseen">Platforms</legend>
          {rows.length === 0 && <p class="quiet">There are no platforms yet.</p>}
          {rows.map(({ id, name, say }) => (
            <label class="choice">
              <input type="checkbox" checked={form.platforms.includes(id)} onChange={(event) => set({ platforms: toggled(form.platforms, id, event.currentTarget.checked) })} />
              <span><b>{name}</b> {say}</span>
            </label>
          ))}
        </fieldset>
      )}
    </>
  );
}

/** Takes the focus: who works without a screen has to hear of it. */
export function Secret({ title, made, children }: { title: string; made: WebhookMade; children?: preact.ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  // After the dialog, which gives the focus back as it closes.
  useEffect(() => void setTimeout(() => heading.current?.focus()), [made]);
  return (
    <section class="panel secret">
      <h2 ref={heading} tabIndex={-1}>{title}</h2>
      {made.secret
        ? <><Value label="Secret" value={made.secret} /><p>It is shown this once, and never again: keep it now where the receiver reads it. The receiver checks with it that a message is from here.</p></>
        : <p class="problem">The answer that had the secret got lost. Rotate the secret to get another one.</p>}
      {children}
    </section>
  );
}
