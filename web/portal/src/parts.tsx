// Small parts that several pages share.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { asksForToken, forget, hasSignIn, signIn, useToken } from "./signin";
import { SignedOut } from "./api";
import type { State } from "./words";

export function go(path: string): void {
  history.pushState(null, "", path);
  dispatchEvent(new PopStateEvent("popstate"));
  scrollTo(0, 0);
}

export function Link({ to, children, class: name }: { to: string; children: ComponentChildren; class?: string }) {
  const follow = (event: JSX.TargetedMouseEvent<HTMLAnchorElement>): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(to);
  };
  return <a href={to} class={name} onClick={follow}>{children}</a>;
}

export function Chip({ state }: { state: Pick<State, "word"> & { tone: State["tone"] | "ok" } }) {
  return <span class={`chip ${state.tone}`}><i aria-hidden="true" />{state.word}</span>;
}

/** A button that says that it has copied. */
export function Copy({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setDone(true);
    setTimeout(() => setDone(false), 2000);
  };
  return (
    <button type="button" class="small" onClick={() => void copy()}>
      <span aria-live="polite">{done ? "Copied" : "Copy"}</span><span class="unseen"> {label}</span>
    </button>
  );
}

/** A value to take away; a secret one is masked until somebody wants to see it. */
export function Value({ label, value, masked }: { label: string; value: string; masked?: string }) {
  const [shown, setShown] = useState(masked === undefined);
  return (
    <div class="value">
      <span class="label">{label}</span>
      <code>{shown ? value : masked}</code>
      <span class="row">
        {masked !== undefined && (
          <button type="button" class="small" onClick={() => setShown(!shown)}>
            {shown ? "Hide" : "Reveal"}<span class="unseen"> {label}</span>
          </button>
        )}
        <Copy text={value} label={label} />
      </span>
    </div>
  );
}

interface FieldProps { label: string; hint?: ComponentChildren; problems?: string[] | undefined; children: (props: { id: string; "aria-describedby"?: string; "aria-invalid"?: boolean }) => ComponentChildren }

/** A labelled field with what is wrong about it. */
export function Field({ label, hint, problems, children }: FieldProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, problems && `${id}-problem`].filter(Boolean).join(" ");
  const props = { id, ...(described && { "aria-describedby": described }), ...(problems && { "aria-invalid": true }) };
  return (
    <div class={problems ? "field wrong" : "field"}>
      <label for={id}>{label}</label>
      {children(props)}
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {problems && <p class="problem" id={`${id}-problem`}>{problems.map((text) => <span>{text}</span>)}</p>}
    </div>
  );
}

/** A dialog of the browser's own: it keeps the focus, and Escape closes it. */
export function Dialog({ title, open, close, children }: { title: string; open: boolean; close: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    if (open && !dialog.current?.open) dialog.current?.showModal();
    if (!open) dialog.current?.close();
  }, [open]);
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {open && children}
    </dialog>
  );
}

export function Banner({ lost, error }: { lost: boolean; error: Error | null }) {
  if (lost) return <p class="banner warn" role="status">Connection lost. What you see may be old; trying again. {error?.message}</p>;
  if (error instanceof SignedOut) return <SignInPanel />;
  return error ? <p class="banner bad" role="alert">{error.message}</p> : null;
}

export function SignInPanel() {
  const [text, setText] = useState("");
  if (!hasSignIn()) {
    return <p class="banner bad" role="alert">The API asks for a sign-in, and this site's config.json names none. The operator writes it.</p>;
  }
  if (!asksForToken()) {
    return (
      <section class="panel center">
        <h2>Sign in</h2>
        <p>Your platforms are shown when you have signed in.</p>
        <button class="primary" onClick={() => { forget(); void signIn(); }}>Sign in</button>
      </section>
    );
  }
  return (
    <form class="panel" onSubmit={(event) => { event.preventDefault(); useToken(text); location.reload(); }}>
      <Field label="Access token" hint="On this machine: cargo xtask token">
        {(props) => <textarea {...props} rows={3} value={text} onInput={(event) => setText(event.currentTarget.value)} />}
      </Field>
      <button class="primary">Use it</button>
    </form>
  );
}
