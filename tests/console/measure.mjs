// By hand: CROFT_GATEWAY=… CROFT_MQTT=… node measure.mjs [CLIENTS] [CHANGES A SECOND]. How long the first page takes, how long
// a connect takes to the screen, and how smooth the screen is with so many clients and changes.
import {connect} from "node:net";
import {device, open} from "./browser.mjs";

const [host, port] = process.env.CROFT_MQTT.split(":");
const clients = Number(process.argv[2] ?? 100_000), rate = Number(process.argv[3] ?? 1_000);

function packet(id) {
  const name = Buffer.from(id);
  return Buffer.concat([Buffer.from([0x10, 12 + name.length, 0, 4]), Buffer.from("MQTT"), Buffer.from([4, 2, 0, 0, 0, name.length]), name]);
}

// Connects; resolves with the socket at its CONNACK.
function arrive(id) {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), host, () => socket.write(packet(id)));
    socket.once("data", () => resolve(socket));
    socket.on("error", reject);
    socket.on("close", () => resolve(socket)); // another connection took its client id over
  });
}

async function visit(id) {
  const socket = await arrive(id);
  socket.destroy();
}

const quantile = (values, q) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))];

// Each time in a browser that has nothing kept.
async function firstPage() {
  const page = await open("");
  await page.locator(".row, .empty").first().waitFor();
  const painted = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
  await page.context().close();
  return painted;
}

async function toTheScreen(page, id) {
  const shown = page.evaluate((id) => new Promise((resolve) => {
    const look = () => {
      if ([...document.querySelectorAll(".row .cell-id")].some((cell) => cell.textContent === id)) resolve(Date.now());
      else requestAnimationFrame(look);
    };
    look();
  }), id);
  await new Promise((go) => setTimeout(go, 100));
  const began = Date.now();
  const socket = await arrive(id);
  const took = (await shown) - began;
  socket.destroy();
  return took;
}

const paints = [];
for (let n = 0; n < 5; ++n) paints.push(await firstPage());
console.log(`first page: ${paints.map((ms) => ms.toFixed(0)).join(", ")} ms to the first paint`);

let page = await open("presence");
await page.waitForTimeout(500);
device("first");
const times = [];
for (let n = 0; n < 10; ++n) times.push(await toTheScreen(page, `screen-${n}`));
console.log(`connect to screen: median ${quantile(times, 0.5)} ms, worst ${Math.max(...times)} ms`);
await page.context().close();

for (let done = 0; done < clients; done += 200) await Promise.all(Array.from({length: 200}, (_, n) => visit(`device-${done + n}`)));
const began = Date.now();
page = await open("presence");
await page.getByText(new RegExp(`^${clients + 11}|^${clients}`)).first().waitFor({timeout: 60_000}).catch(() => undefined);
console.log(`${clients} clients: listed after ${Date.now() - began} ms`);

await page.evaluate(() => {
  window.frames_ms = [];
  let before = performance.now();
  const frame = (now) => {
    window.frames_ms.push(now - before);
    before = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
});
const end = Date.now() + 10_000;
let changes = 0;
while (Date.now() < end) {
  const next = Date.now() + 50;
  const some = rate / 20 / 2; // a visit is two changes
  await Promise.all(Array.from({length: some}, () => visit(`device-${Math.floor(Math.random() * clients)}`)));
  changes += some * 2;
  await page.mouse.wheel(0, 500);
  await new Promise((go) => setTimeout(go, Math.max(0, next - Date.now())));
}
const frames = await page.evaluate(() => window.frames_ms);
console.log(`${(changes / 10).toFixed(0)} changes a second: frames of ${quantile(frames, 0.5).toFixed(0)} ms, 99 of 100 within ` +
  `${quantile(frames, 0.99).toFixed(0)} ms, worst ${Math.max(...frames).toFixed(0)} ms`);
process.exit(0);
