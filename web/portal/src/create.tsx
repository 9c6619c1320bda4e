// Asks for a new platform: what most people need, the rest under Advanced, and everything there is as JSON.
import { useRef, useState } from "preact/hooks";
import { create, Refused, SignedOut } from "./api";
import { Advanced } from "./advanced";
import { EMPTY, FORMATS, INPUTS, isAdvanced, isPush, LADDERS, pointers, sourceMember, toRequest, type Form, type InputType, type LadderName } from "./form";
import { Field, go, Link, SignInPanel } from "./parts";
import type { FieldError, Format } from "./types";
import { problemsByField, stillWrong } from "./words";

export interface Editing { form: Form; set: (change: Partial<Form>) => void; wrong: (pointer: string) => string[] | undefined }

export function CreatePage() {
  const [form, setForm] = useState<Form>(EMPTY);
  const [json, setJson] = useState<string | null>(null);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [failure, setFailure] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const [advanced, setAdvanced] = useState(false);
  const page = useRef<HTMLFormElement>(null);
  const problems = problemsByField(errors, json === null ? pointers(form) : []);
  const set = (change: Partial<Form>): void => {
    const changed = { ...form, ...change };
    setForm(changed);
    setErrors(stillWrong(errors, toRequest(form), toRequest(changed)));
  };
  const editing: Editing = { form, set, wrong: (pointer) => problems.get(pointer) };

  const refuse = (error: unknown): void => {
    const found = error instanceof Refused ? (error.problem.errors ?? []) : [];
    setErrors(found);
    setFailure(found.length > 0 ? null : error instanceof Error ? error : new Error(String(error)));
    if (found.some(({ pointer }) => isAdvanced(pointer))) setAdvanced(true);
    // The first field that is wrong, once it is marked.
    setTimeout(() => page.current?.querySelector<HTMLElement>("[aria-invalid], [role=alert]")?.focus());
  };
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      const platform = await create(json === null ? toRequest(form) : JSON.parse(json));
      go(`/p/${platform.id}`);
    } catch (error) {
      refuse(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <main class="narrow">
      <p class="crumbs"><Link to="/">Platforms</Link></p>
      <h1>New platform</h1>
      <form ref={page} onSubmit={(event) => void send(event)} noValidate>
        {failure instanceof SignedOut && <SignInPanel />}
        {failure && !(failure instanceof SignedOut) && <p class="banner bad" role="alert" tabIndex={-1}>{failure.message}</p>}
        {problems.get("") && <ul class="banner bad" role="alert" tabIndex={-1}>{problems.get("")?.map((text) => <li>{text}</li>)}</ul>}
        {json === null ? <><Simple {...editing} /><Advanced {...editing} open={advanced} toggle={setAdvanced} /></> : <AsJson json={json} set={setJson} />}
        <div class="actions">
          <button class="primary" disabled={busy}>{busy ? "Creating…" : "Create platform"}</button>
          <button type="button" class="plain" onClick={() => setJson(json === null ? JSON.stringify(toRequest(form), null, 2) : null)}>
            {json === null ? "Edit as JSON" : "Back to the form"}
          </button>
        </div>
        <p class="hint">Building takes a few minutes in AWS and costs next to nothing until you start it.</p>
      </form>
    </main>
  );
}

function AsJson({ json, set }: { json: string; set: (json: string) => void }) {
  return (
    <section class="panel">
      <Field label="The request, as the API takes it" hint="Several inputs, failover, captions, rungs of your own: openapi.yaml has every field.">
        {(props) => <textarea {...props} class="code" rows={28} spellcheck={false} value={json} onInput={(event) => set(event.currentTarget.value)} />}
      </Field>
    </section>
  );
}

function Simple({ form, set, wrong }: Editing) {
  return (
    <>
      <section class="panel">
        <h2>What it is</h2>
        <Field label="Name" problems={wrong("/name")} hint="What viewers and your team read.">
          {(props) => <input {...props} name="name" required maxLength={80} autoComplete="off" value={form.name} onInput={(event) => set({ name: event.currentTarget.value })} />}
        </Field>
      </section>
      <section class="panel">
        <h2>Where the picture comes from</h2>
        <Source form={form} set={set} wrong={wrong} />
      </section>
      <section class="panel">
        <h2>What viewers get</h2>
        <fieldset class="choices" aria-invalid={wrong("/ladder") ? true : undefined}>
          <legend>Picture sizes</legend>
          {(Object.keys(LADDERS) as LadderName[]).map((name) => (
            <label class="choice">
              <input type="radio" name="ladder" checked={form.ladder === name} onChange={() => set({ ladder: name })} />
              <span><b>{LADDERS[name].label}</b> {LADDERS[name].say}</span>
            </label>
          ))}
          {wrong("/ladder") && <p class="problem">{wrong("/ladder")}</p>}
        </fieldset>
        <fieldset class="choices">
          <legend>Formats</legend>
          {(Object.keys(FORMATS) as Format[]).map((format) => (
            <label class="choice">
              <input type="checkbox" checked={form.endpoints[format].on}
                onChange={(event) => set({ endpoints: { ...form.endpoints, [format]: { ...form.endpoints[format], on: event.currentTarget.checked } } })} />
              <span><b>{FORMATS[format].label}</b></span>
            </label>
          ))}
          {wrong("/endpoints") && <p class="problem">{wrong("/endpoints")}</p>}
        </fieldset>
      </section>
    </>
  );
}

const SOURCES: Record<string, { label: string; hint: string }> = {
  allowFrom: { label: "Who may push", hint: "The public address of your encoder, for example 198.51.100.7/32; one per line. Left empty, nobody may push until you add one." },
  urls: { label: "Addresses to pull from", hint: "One per line; a channel with two pipelines needs two." },
  flows: { label: "MediaConnect flows", hint: "Their ARNs, one per line." },
};

function Source({ form, set, wrong }: Editing) {
  const member = sourceMember(form.inputType);
  const { label, hint } = SOURCES[member]!;
  return (
    <>
      <div class="pair">
        <Field label="Type" problems={wrong("/inputs/0/type")}>
          {(props) => (
            <select {...props} value={form.inputType} onChange={(event) => set({ inputType: event.currentTarget.value as InputType })}>
              {Object.entries(INPUTS).map(([type, words]) => <option value={type}>{words}</option>)}
            </select>
          )}
        </Field>
        <Field label="Input name" problems={wrong("/inputs/0/name")}>
          {(props) => <input {...props} name="input-name" value={form.inputName} onInput={(event) => set({ inputName: event.currentTarget.value })} />}
        </Field>
      </div>
      <Field label={label} hint={hint} problems={wrong(`/inputs/0/${member}`)}>
        {(props) => <textarea {...props} name="sources" class="code" rows={2} spellcheck={false} value={form.sources} onInput={(event) => set({ sources: event.currentTarget.value })} />}
      </Field>
      {isPush(form.inputType) && form.sources.includes("/0") && (
        <label class="choice">
          <input type="checkbox" checked={form.allowAnywhere} onChange={(event) => set({ allowAnywhere: event.currentTarget.checked })} />
          <span>Yes, everybody on the internet may push</span>
        </label>
      )}
    </>
  );
}
