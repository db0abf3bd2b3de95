// The shell: navigation, language, theme, and the screen that the URL names.
import {effect, signal} from "@preact/signals";
import type {ComponentChildren, ComponentType} from "preact";
import {useEffect} from "preact/hooks";
import {get} from "./api";
import {Brand} from "./components/brand";
import {Confirmation} from "./components/dialog";
import {feedState} from "./feed";
import {languages, texts} from "./i18n";
import {follow, href, route} from "./router";
import {screens, type Screen} from "./screens";
import {about, missing, type About} from "./session";
import {language, theme, type Language, type Theme} from "./settings";
import {signOut} from "./sign_in/ask";

const shown = signal<{screen: Screen | undefined; body: ComponentType | undefined; failure: string}>({screen: undefined, body: undefined, failure: ""});

// Loads the screen that the URL names; what was there stays until it has come. Screens need not come in the order in which they
// were wanted.
let round = 0;
effect(() => {
  const mine = ++round;
  const path = route.value.screen || screens[0]?.path;
  const screen = screens.find((one) => one.path === path);
  if (screen === shown.peek().screen && screen) return;
  if (!screen) {
    shown.value = {screen, body: undefined, failure: ""};
    return;
  }
  screen.load().then(
    ({default: body}) => mine === round && (shown.value = {screen, body, failure: ""}),
    (failure: unknown) => mine === round && (shown.value = {screen, body: undefined, failure: String(failure)}),
  );
});

effect(() => {
  const title = shown.value.screen?.title(texts.value);
  document.title = title ? `${title} · croft` : "croft";
});

function Icon({path}: {path: string}) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={path} />
    </svg>
  );
}

function Navigation() {
  const t = texts.value;
  const current = route.value.screen || screens[0]?.path;
  return (
    <nav class="navigation" aria-label={t.navigation}>
      {screens.map((screen) => (
        <a key={screen.path} href={href(screen.path)} onClick={follow} aria-current={screen.path === current ? "page" : undefined}>
          <Icon path={screen.icon} />
          <span>{screen.title(t)}</span>
        </a>
      ))}
    </nav>
  );
}

function Choices() {
  const t = texts.value;
  return (
    <div class="choices">
      <label>
        <span class="hidden">{t.language}</span>
        <select value={language.value} onChange={(event) => (language.value = event.currentTarget.value as Language)}>
          {Object.entries(languages).map(([id, one]) => (
            <option key={id} value={id} lang={id}>
              {one.name}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span class="hidden">{t.theme.label}</span>
        <select value={theme.value} onChange={(event) => (theme.value = event.currentTarget.value as Theme)}>
          <option value="auto">{t.theme.auto}</option>
          <option value="light">{t.theme.light}</option>
          <option value="dark">{t.theme.dark}</option>
        </select>
      </label>
    </div>
  );
}

function FeedMark() {
  const state = feedState.value;
  return (
    <span class={`feed feed-${state}`} role="status">
      <span class="dot" aria-hidden="true" />
      {texts.value.feed[state]}
    </span>
  );
}

// Who signed in; on loopback nobody does.
function Person() {
  const t = texts.value;
  const person = about.value;
  if (!person?.signedIn) return null;
  return (
    <span class="person">
      <bdi>{person.who}</bdi>
      {person.role === "read-only" && (
        <span class="person-role" title={t.session.readOnlyText}>
          {t.session.readOnly}
        </span>
      )}
      <button type="button" class="quiet" onClick={() => void signOut()}>
        {t.session.signOut}
      </button>
    </span>
  );
}

// The form is loaded when it is needed first.
const signInForm = signal<ComponentType<{choices: ComponentChildren}> | undefined>(undefined);
effect(() => {
  if (missing.value !== "" && !signInForm.peek()) void import("./sign_in").then(({default: form}) => (signInForm.value = form));
});

export function App() {
  const t = texts.value;
  const {screen, body: Body, failure} = shown.value;
  const SignIn = missing.value === "" ? undefined : signInForm.value;
  const hasBegun = missing.value === "" || about.value !== undefined; // else no screen asks for anything yet
  useEffect(() => {
    get<About>("about").then(
      (answer) => (about.value = answer),
      () => undefined,
    );
  }, []);
  return (
    <>
      <a class="skip" href="#content">
        {t.skip}
      </a>
      <header class="bar">
        <a class="brand" href={href("presence")} onClick={follow}>
          <Brand />
        </a>
        <span class="instance">{about.value ? t.instance(about.value.account, about.value.region) : ""}</span>
        <FeedMark />
        <Person />
        <Choices />
      </header>
      <div class="frame">
        <Navigation />
        <main id="content" tabIndex={-1}>
          {failure && <p class="notice">{t.failed(failure)}</p>}
          {!screen && <p class="notice">{t.notFound}</p>}
          {Body && hasBegun && <Body />}
        </main>
      </div>
      <Confirmation />
      {SignIn && <SignIn choices={<Choices />} />}
    </>
  );
}
