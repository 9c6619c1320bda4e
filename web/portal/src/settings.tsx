// Changes of a platform: what may be changed most often. The API says what it would do before anything is done.
import { useState } from "preact/hooks";
import * as api from "./api";
import { isPush, LADDERS, lines, type LadderName } from "./form";
import { Field } from "./parts";
import type { DryRun, FieldError, Platform } from "./types";
import { problemsByField, reasonInWords } from "./words";

interface Draft { name: string; description: string; allow: Record<string, string>; ladder: "" | LadderName }

const draftOf = ({ spec }: Platform): Draft => ({
  name: spec.name, description: spec.description ?? "", ladder: "",
  allow: Object.fromEntries(spec.inputs.filter((input) => isPush(input.type)).map((input) => [input.name, (input.allowFrom ?? []).join("\n")])),
});

/** Only what is different; lists are replaced as a whole (RFC 7396). */
function patchOf(draft: Draft, platform: Platform): Record<string, unknown> {
  const was = draftOf(platform);
  const body: Record<string, unknown> = {};
  if (draft.name !== was.name) body["name"] = draft.name;
  if (draft.description !== was.description) body["description"] = draft.description || null;
  if (draft.ladder) body["ladder"] = draft.ladder;
  if (Object.keys(draft.allow).some((input) => draft.allow[input] !== was.allow[input])) {
    body["inputs"] = platform.spec.inputs.map((input) => (input.name in draft.allow ? { ...input, allowFrom: lines(draft.allow[input.name]!) } : input));
  }
  return body;
}

export function Settings({ platform, etag, done }: { platform: Platform; etag: string; done: () => void }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="panel" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Settings</summary>
      {open && <Change platform={platform} etag={etag} done={done} />}
    </details>
  );
}

function Change({ platform, etag, done }: { platform: Platform; etag: string; done: () => void }) {
  const [draft, setDraft] = useState(draftOf(platform));
  const [plan, setPlan] = useState<DryRun | null>(null);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [said, setSaid] = useState<string | null>(null);
  const inputs = platform.spec.inputs.map((input, index) => ({ name: input.name, at: `/inputs/${index}/allowFrom` })).filter(({ name }) => name in draft.allow);
  const problems = problemsByField(errors, ["/name", "/description", "/ladder", ...inputs.map(({ at }) => at)]);
  const body = patchOf(draft, platform);
  const unchanged = Object.keys(body).length === 0;
  const set = (change: Partial<Draft>): void => { setDraft({ ...draft, ...change }); setPlan(null); setSaid(null); };
  const send = async (dry: boolean): Promise<void> => {
    setErrors([]);
    try {
      if (dry) return setPlan(await api.dryRun(platform.id, etag, body));
      const changed = await api.patch(platform.id, etag, body);
      setDraft(draftOf(changed));
      setPlan(null);
      setSaid("Saved. AWS follows.");
      done();
    } catch (error) {
      setErrors(error instanceof api.Refused ? (error.problem.errors ?? []) : []);
      setSaid(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <form onSubmit={(event) => { event.preventDefault(); void send(false); }}>
      <Field label="Name" problems={problems.get("/name")}>
        {(props) => <input {...props} value={draft.name} onInput={(event) => set({ name: event.currentTarget.value })} />}
      </Field>
      <Field label="Description" problems={problems.get("/description")}>
        {(props) => <input {...props} value={draft.description} onInput={(event) => set({ description: event.currentTarget.value })} />}
      </Field>
      {inputs.map(({ name, at }) => (
        <Field label={`Who may push to ${name}`} hint="One address block per line, for example 198.51.100.7/32." problems={problems.get(at)}>
          {(props) => <textarea {...props} class="code" rows={2} value={draft.allow[name]} onInput={(event) => set({ allow: { ...draft.allow, [name]: event.currentTarget.value } })} />}
        </Field>
      ))}
      <Field label="Picture sizes" hint="These change while the channel is off only." problems={problems.get("/ladder")}>
        {(props) => (
          <select {...props} value={draft.ladder} onChange={(event) => set({ ladder: event.currentTarget.value as Draft["ladder"] })}>
            <option value="">As they are: {platform.spec.ladder.rungs.map((rung) => rung.name).join(", ")}</option>
            {Object.entries(LADDERS).map(([name, { label, say }]) => <option value={name}>{label}: {say}</option>)}
          </select>
        )}
      </Field>
      {problems.get("")?.map((text) => <p class="problem">{text}</p>)}
      {said && <p class="hint" role="status">{said}</p>}
      {plan && <Plan plan={plan} />}
      <div class="actions">
        <button class="primary" disabled={unchanged}>Save</button>
        <button type="button" disabled={unchanged} onClick={() => void send(true)}>What would be done?</button>
      </div>
    </form>
  );
}

function Plan({ plan }: { plan: DryRun }) {
  return (
    <div class="plan" role="status">
      <p>{plan.steps.length === 0 ? "Nothing has to be done in AWS." : "In AWS:"}</p>
      <ul>{plan.steps.map((step) => <li>{reasonInWords(step)}</li>)}</ul>
      {plan.changes.some(({ when }) => when !== "on air") && <p class="problem">Some of it needs the channel to be off.</p>}
    </div>
  );
}
