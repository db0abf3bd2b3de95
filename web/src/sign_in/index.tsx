// The form that stands before the console where croft is reached from elsewhere. A password manager knows it by its fields.
import type {ComponentChildren} from "preact";
import {useEffect, useRef, useState} from "preact/hooks";
import {get} from "../api";
import {Brand} from "../components/brand";
import {CopyButton} from "../components/copy_button";
import {about, begin, missing, type About} from "../session";
import {signIn} from "./ask";
import "./style.css";
import {texts} from "./texts";

const command = "croft users add NAME";

function NoUsers() {
  const t = texts.value;
  const [checking, setChecking] = useState(false);
  const check = async () => {
    setChecking(true);
    await get<About>("about").then(begin, () => undefined); // its 401 says what is missing now
    setChecking(false);
  };
  return (
    <>
      <h1>{t.noUsersTitle}</h1>
      <p>{t.noUsers}</p>
      <p class="sign-in-command">
        <code>{command}</code>
        <CopyButton text={command} />
      </p>
      <p>{t.goOn}</p>
      <button type="button" class="main" disabled={checking} onClick={() => void check()}>
        {t.check}
      </button>
    </>
  );
}

// Seconds that are left of so many, counted down.
function useCountdown(): [number, (seconds: number) => void] {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  return [left, setLeft];
}

function Form() {
  const t = texts.value;
  const name = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const [left, setLeft] = useCountdown();
  const person = about.value?.who ?? "";

  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const outcome = await signIn(name.current?.value ?? "", password.current?.value ?? "");
    setBusy(false);
    if (outcome.kind === "signed in") return begin(outcome.about);
    if (outcome.kind === "nobody") return void (missing.value = "users");
    setLeft(outcome.kind === "wait" ? outcome.seconds : 0);
    setFault(outcome.kind === "wrong" ? t.wrong : outcome.kind === "failed" ? t.failed(outcome.why) : outcome.busy ? t.busy : "");
    if (outcome.kind === "wrong") password.current?.select();
  };
  const told = left > 0 ? [fault, t.tooMany(left)].filter(Boolean).join(" ") : fault;
  return (
    <form onSubmit={(event) => void submit(event)}>
      <h1>{t.title}</h1>
      {about.value && <p class="quiet-text">{t.again}</p>}
      <label>
        {t.name}
        <input ref={name} name="username" autocomplete="username" autocapitalize="none" spellcheck={false} required autofocus={!person} defaultValue={person} />
      </label>
      <label>
        {t.password}
        <input ref={password} name="password" type="password" autocomplete="current-password" required autofocus={Boolean(person)} />
      </label>
      <div role="alert">{told && <p class="failure">{told}</p>}</div>
      <button type="submit" class="main" disabled={busy || left > 0}>
        {t.title}
      </button>
    </form>
  );
}

// In front of everything, dialogs too: what was open stays as it was, and is not seen.
export default function SignIn({choices}: {choices: ComponentChildren}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const mine = dialog.current;
    mine?.showModal();
    return () => mine?.close(); // the focus goes back to where it was
  }, []);
  const stay = () => {
    if (missing.peek() !== "") dialog.current?.showModal();
  };
  return (
    <dialog ref={dialog} class="sign-in" aria-label={texts.value.title} onCancel={(event) => event.preventDefault()} onClose={stay}>
      <div class="sign-in-bar">
        <span class="brand">
          <Brand />
        </span>
        {choices}
      </div>
      <div class="panel sign-in-card">{missing.value === "users" ? <NoUsers /> : <Form />}</div>
    </dialog>
  );
}
