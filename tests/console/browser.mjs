// Debian's Chromium on the console of a real croft. Every request that would leave this machine, every message of the page's
// policy and every error of its scripts is a failure. CROFT_GATEWAY and CROFT_MQTT say where croft is; CROFT_PAGE, if the page
// comes from Vite while it is being worked on, where that is.
import assert from "node:assert/strict";
import {spawn} from "node:child_process";
import {join} from "node:path";
import {chromium} from "playwright-core";

export const gateway = process.env.CROFT_GATEWAY;
export const home = `${process.env.CROFT_PAGE ?? gateway}/_croft/console/`;
const [mqttHost, mqttPort] = process.env.CROFT_MQTT.split(":");
const patience_ms = 30_000; // of each step: a machine of CI may be busy with other things
const faults = [];
const children = new Set();
let browser;

// What an API refuses is told by the screen; the browser tells it, too.
const apis = /\/_croft\/(console\/api\/aws|queues|rules|functions|timeline|traces)\//;
const isRefusal = (message) => / status of 4\d\d /.test(message.text()) && apis.test(message.location().url);

function watch(page, expected) {
  const local = (url) => ["127.0.0.1", "localhost", "[::1]"].includes(new URL(url).hostname) || /^(data|blob|about):/.test(url);
  page.on("request", (request) => local(request.url()) || faults.push(`a request left this machine: ${request.url()}`));
  page.on("websocket", (socket) => local(socket.url()) || faults.push(`a WebSocket left this machine: ${socket.url()}`));
  page.on("pageerror", (error) => faults.push(`a script failed: ${error.stack ?? error}`));
  page.on("console", (message) => {
    if (message.type() !== "error" || isRefusal(message) || expected?.test(message.text())) return;
    faults.push(`the browser says: ${message.text()}`);
  });
  page.on("dialog", (dialog) => {
    faults.push(`a dialog opened: ${dialog.message()}`);
    void dialog.dismiss();
  });
}

// A page of its own, with nothing kept from others. What the browser says of answers that the test wants is `expected`.
export async function open(path = "", options = {}) {
  browser ??= await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost", ...(options.args ?? [])],
  });
  const context = await browser.newContext({viewport: {width: 1280, height: 800}, locale: "en-US", ...options.context});
  const page = await context.newPage();
  page.setDefaultTimeout(patience_ms);
  watch(page, options.expected);
  if (path !== null) await page.goto(home + path);
  return page;
}

// mosquitto_sub as a device; ends with the test, or by .kill().
export function device(clientId, ...more) {
  const child = spawn("mosquitto_sub", ["-h", mqttHost, "-p", mqttPort, "-i", clientId, "-t", "nothing", "-k", "60", ...more], {stdio: "ignore"});
  children.add(child);
  return child;
}

export function publish(topic, payload, ...more) {
  return new Promise((resolve, reject) => {
    const child = spawn("mosquitto_pub", ["-h", mqttHost, "-p", mqttPort, "-t", topic, "-s", ...more], {stdio: ["pipe", "ignore", "inherit"]});
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`mosquitto_pub ended with ${code}`))));
    child.stdin.end(payload);
  });
}

// With CROFT_SCREENSHOTS=FOLDER, NAME-light.png and NAME-dark.png of what the page shows.
export async function picture(page, name) {
  if (!process.env.CROFT_SCREENSHOTS) return;
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({colorScheme, reducedMotion: "reduce"});
    await page.waitForTimeout(300); // a chart is drawn anew
    await page.screenshot({path: join(process.env.CROFT_SCREENSHOTS, `${name}-${colorScheme}.png`)});
  }
}

// Replaces what an editor holds, as a person does: not in the text area that stands there until the editor has come. Typed
// brackets would be closed by the editor, so the text goes in at once; over coloured text Chromium would try to keep its style.
export async function retype(page, label, text) {
  await page.locator(`.cm-content[aria-label="${label}"]`).click();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(text);
}

// Until `check` gives something; what is wrong else is `what`, or what that says.
export async function eventually(check, what) {
  for (const end = Date.now() + patience_ms; ; await new Promise((go) => setTimeout(go, 25))) {
    const found = await check();
    if (found) return found;
    if (Date.now() > end) assert.fail(typeof what === "string" ? `${what} did not come true` : what());
  }
}

// Runs the tests one after the other; the names that pass go to standard output.
export async function run(tests) {
  let failed = false;
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test();
      assert.deepEqual(faults, []);
      console.log(`ok ${name}`);
    } catch (error) {
      failed = true;
      console.log(`not ok ${name}\n${error.stack ?? error}${faults.length ? `\n${faults.join("\n")}` : ""}`);
    }
    faults.length = 0;
    for (const context of browser?.contexts() ?? []) await context.close();
    for (const child of children) child.kill();
    children.clear();
  }
  await browser?.close();
  process.exit(failed ? 1 : 0);
}
