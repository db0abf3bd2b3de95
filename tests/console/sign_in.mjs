// Signing in to a console that asks for it: the form, the same place after a session that ended, roles, signing out.
import assert from "node:assert/strict";
import {execFileSync} from "node:child_process";
import {join} from "node:path";
import {accessible, phone} from "./axe.mjs";
import {device, open, run} from "./browser.mjs";

const passwords = JSON.parse(process.env.CROFT_PASSWORDS);
const pictures = process.argv[2];

function begin(path, context = {}) {
  return open(path, {expected: /status of 4(01|03|29)/, context: {ignoreHTTPSErrors: true, reducedMotion: "reduce", ...context}});
}

async function signIn(page, name, password = passwords[name]) {
  await page.getByLabel("Name", {exact: true}).fill(name);
  await page.getByLabel("Password", {exact: true}).fill(password);
  await page.keyboard.press("Enter");
}

function users(input, ...what) {
  execFileSync(process.env.CROFT_BINARY, ["users", ...what, "--password-stdin"], {input, stdio: ["pipe", "ignore", "inherit"]});
}

async function check(page, name) {
  await accessible(page, name);
  if (pictures) await page.screenshot({path: join(pictures, `${name}.png`)});
}

await run({
  "signs in and works where the link led": async () => {
    device("pump-1");
    const page = await begin("presence?q=pump");
    const dialog = page.getByRole("dialog", {name: "Sign in"});
    await dialog.waitFor();
    assert.equal(await page.getByLabel("Name", {exact: true}).getAttribute("autocomplete"), "username");
    assert.equal(await page.getByLabel("Password", {exact: true}).getAttribute("autocomplete"), "current-password");
    assert.equal(await page.evaluate(() => document.activeElement.name), "username");
    await check(page, "sign-in-light");
    await signIn(page, "anna", "not anna's passphrase");
    await page.getByRole("alert").getByText("The name or the password is wrong.").waitFor();
    await page.keyboard.press("Escape");
    assert.ok(await dialog.isVisible(), "the form stays");
    await signIn(page, "anna");
    await page.getByRole("gridcell", {name: "pump-1", exact: true}).waitFor();
    assert.ok(page.url().endsWith("/presence?q=pump"));
    await page.locator(".person").getByText("anna").waitFor();
    await check(page, "signed-in-light");
    const script = await page.evaluate(() => document.cookie);
    assert.equal(script, "", "no script sees the session");
  },

  "a session that ended is gone on with in the same place": async () => {
    const page = await begin("mqtt?sub=0+plant%2F%23");
    await signIn(page, "anna");
    await page.getByText("Connected", {exact: true}).waitFor();
    const topic = page.getByLabel("Topic", {exact: true});
    await topic.fill("half/typed");
    users(passwords.anna, "password", "anna");
    await page.getByText("Your session has ended. Sign in to go on where you were.").waitFor();
    const inFront = await topic.evaluate((field) => {
      const {x, y} = field.getBoundingClientRect();
      return document.elementFromPoint(x + 5, y + 5).closest("dialog") !== null;
    });
    assert.ok(inFront, "what was open is not seen");
    assert.equal(await page.evaluate(() => document.activeElement.name), "password");
    await check(page, "session-ended-light");
    await page.getByLabel("Password", {exact: true}).fill(passwords.anna);
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor({state: "detached"});
    assert.equal(await topic.inputValue(), "half/typed");
    assert.ok(page.url().endsWith("/mqtt?sub=0+plant%2F%23"));
    await page.getByText("Connected", {exact: true}).waitFor();
  },

  "a reader sees, and is told what a reader does not do": async () => {
    const page = await begin("mqtt?sub=0+%24aws%2Fevents%2F%23", {...phone, colorScheme: "dark"});
    await page.getByRole("dialog").waitFor();
    await check(page, "sign-in-phone");
    await signIn(page, "ben");
    await page.locator(".person").getByText("Read-only").waitFor();
    await page.getByText(/^\$aws\/events\/subscriptions\/subscribed\/iotconsole-/).first().waitFor();
    const publish = page.getByRole("button", {name: "Publish"});
    assert.ok(await publish.isDisabled());
    assert.equal(await publish.getAttribute("title"), "Your role sees everything and changes nothing.");
    await check(page, "reader-phone");
  },

  "signing out leaves nothing": async () => {
    device("pump-1");
    const page = await begin("presence", {locale: "ja-JP"});
    await page.getByLabel("ユーザー名").fill("anna");
    await page.getByLabel("パスワード").fill(passwords.anna);
    await page.getByRole("button", {name: "サインイン"}).click();
    await page.getByRole("gridcell", {name: "pump-1", exact: true}).waitFor();
    const before = await page.context().cookies();
    await page.getByRole("button", {name: "サインアウト"}).click();
    await page.getByRole("dialog", {name: "サインイン"}).waitFor();
    assert.equal(await page.getByRole("gridcell", {name: "pump-1", exact: true}).count(), 0);
    assert.deepEqual([before.length, (await page.context().cookies()).length], [1, 0]);
    await page.context().addCookies(before);
    await page.reload();
    await page.getByRole("dialog", {name: "サインイン"}).waitFor();
  },
});
