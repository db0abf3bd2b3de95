// The registry, the wizard whose commands connect, and who was refused why. Argument: croft's binary.
import assert from "node:assert/strict";
import {execFileSync, spawn} from "node:child_process";
import {mkdtempSync, readFileSync, rmSync, statSync, symlinkSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {fileURLToPath} from "node:url";
import {aws} from "./aws.mjs";
import {device, eventually, gateway, open, retype, run} from "./browser.mjs";

const croft = process.argv[2];
const folder = mkdtempSync(join(tmpdir(), "croft-devices-"));
const running = new Set();
const markup = '<img src=x onerror=alert(1)>"><script>alert(2)</script>';

const iot = (method, path, body, headers) => aws("iot", method, path, body, headers);

// A shell that runs what the page shows, as a person would paste it.
function shell(command, cwd) {
  const child = spawn("bash", ["-c", command], {cwd, stdio: ["pipe", "pipe", "pipe"], detached: true, env: {...process.env, PATH: `${join(croft, "..")}:${process.env.PATH}`}});
  child.said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (child.said += data));
  child.over = new Promise((resolve) => child.on("close", () => resolve(running.delete(child))));
  running.add(child);
  return child;
}
async function said(child, pattern) {
  await eventually(() => pattern.test(child.said), () => `${pattern} was not said: ${child.said}`);
}
async function end(child) {
  try {
    process.kill(-child.pid, "SIGTERM");
  } catch {
    // it ended
  }
  await child.over;
}

const lines = (page, label) => page.locator(".devices-code pre").and(page.getByLabel(label, {exact: true})).textContent();
const status = (page) => page.locator(".devices-ready").getByRole("status");

async function make(page, name) {
  await page.getByLabel("Name of the thing").fill(name);
  await page.getByRole("button", {name: "Make it"}).click();
  await page.getByRole("heading", {name: `${name} is ready`}).waitFor();
}

// Downloads and unpacks as the page says; the unpacked folder.
async function unpack(page, name) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", {name: `Download ${name}.zip`}).click()]);
  await download.saveAs(join(folder, download.suggestedFilename()));
  execFileSync("bash", ["-c", await lines(page, "First")], {cwd: folder});
  return join(folder, name);
}

async function way(page, title) {
  await page.getByRole("tab", {name: title, exact: true}).click();
  return lines(page, "Run");
}

// An answer in place, from AWS.
const failure = (page, text) => page.getByRole("alert").filter({hasText: text}).first().waitFor();
const yes = (page, action) => page.getByRole("dialog").getByRole("button", {name: action, exact: true}).click();
const details = (page, name) => page.getByRole("complementary", {name, exact: true});

// What the tests of certificates and refusals need: a device with a policy.
async function deviceWith(name, policy) {
  const made = await iot("POST", "/keys-and-certificate?setAsActive=true");
  await iot("POST", `/policies/${name}`, {policyDocument: JSON.stringify({Version: "2012-10-17", Statement: policy})});
  await iot("PUT", `/target-policies/${name}`, {target: made.certificateArn});
  return made;
}

process.on("exit", () => {
  for (const child of running) process.kill(-child.pid, "SIGKILL");
  rmSync(folder, {recursive: true, force: true});
});

await run({
  "an empty registry says what to do, and the command does it": async () => {
    const page = await open("devices");
    await page.getByText("There is no thing yet").waitFor();
    const command = await page.locator(".command code").textContent();
    execFileSync("bash", ["-c", command.replace(/--endpoint-url \S+/, `--endpoint-url ${gateway}`).replace(/^aws /, "/usr/bin/aws ")]);
    await page.reload();
    await page.getByRole("gridcell", {name: "pump-7", exact: true}).waitFor();
    await iot("DELETE", "/things/pump-7");
  },

  "the wizard's files and commands connect a device": async () => {
    const page = await open("devices?tab=connect");
    await make(page, "pump-7");
    await status(page).getByText("Waiting for pump-7 to connect…").waitFor();
    const root = await unpack(page, "pump-7");
    assert.equal(statSync(join(root, "certs/pump-7.private.key")).mode & 0o777, 0o600);

    const mosquitto = shell(await way(page, "mosquitto"), root);
    await said(mosquitto, /pump-7\/hello \{"message": "hello"\}/);
    await status(page).getByText("pump-7 was connected and is not any more").waitFor();
    await end(mosquitto);

    const own = shell(await way(page, "croft device"), root);
    await status(page).getByText("pump-7 is connected").waitFor();
    await page.getByRole("link", {name: "See it in Presence"}).click();
    await page.getByRole("gridcell", {name: "pump-7", exact: true}).waitFor();
    await page.getByRole("row").filter({hasText: "pump-7-watch"}).waitFor();
    await page.goBack();
    await page.getByRole("heading", {name: "pump-7 is ready"}).waitFor();
    await end(own);
  },

  "the rights are those of `croft device create`, and the key is nowhere but in the archive": async () => {
    execFileSync(croft, ["device", "create", "twin", "--dir", join(folder, "twin")]);
    const page = await open("devices?tab=connect");
    await make(page, "pump-8");
    const document = async (name) => JSON.parse((await iot("GET", `/policies/${name}`)).policyDocument);
    assert.deepEqual(JSON.parse(JSON.stringify(await document("twin-device")).replaceAll("twin", "pump-8")), await document("pump-8-device"));

    const root = await unpack(page, "pump-8");
    const key = readFileSync(join(root, "certs/pump-8.private.key"), "utf8");
    assert.match(key, /^-----BEGIN RSA PRIVATE KEY-----\n[\s\S]+-----END RSA PRIVATE KEY-----\n$/);
    assert.equal(execFileSync("openssl", ["rsa", "-in", join(root, "certs/pump-8.private.key"), "-pubout"], {stdio: ["ignore", "pipe", "ignore"]}).toString(),
      readFileSync(join(root, "certs/pump-8.public.key"), "utf8"));
    execFileSync("openssl", ["verify", "-CAfile", join(root, "certs/root.ca.pem"), join(root, "certs/pump-8.cert.pem")]);
    const kept = await page.evaluate(() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie]));
    assert.ok(!kept.includes("PRIVATE KEY"), kept);
    await page.getByText("Private key", {exact: true}).click();
    assert.equal((await lines(page, "Private key")).trim(), key.trim());
    await page.getByRole("button", {name: "Another device"}).click(); // it was downloaded: nothing is asked
    await page.getByLabel("Name of the thing").waitFor();
    assert.equal(await page.getByText("PRIVATE KEY").count(), 0);
  },

  "a name that is refused stays in the form, and what was made is taken back": async () => {
    const page = await open("devices?tab=connect");
    const before = (await iot("GET", "/certificates")).certificates.length;
    await iot("POST", "/things/taken", {thingTypeName: undefined, attributePayload: {attributes: {is: "another"}}});
    await page.getByLabel("Name of the thing").fill("taken");
    await page.getByRole("button", {name: "Make it"}).click();
    await failure(page, "ResourceAlreadyExistsException: Thing taken already exists in account");
    await page.getByText("What was made before the failure was taken back.").waitFor();
    assert.equal(await page.getByLabel("Name of the thing").inputValue(), "taken");
    assert.equal((await iot("GET", "/certificates")).certificates.length, before);
    await page.getByLabel("Name of the thing").fill("no spaces");
    await page.getByRole("button", {name: "Make it"}).click();
    assert.equal(await page.getByLabel("Name of the thing").evaluate((input) => input.validity.patternMismatch), true);
  },

  "the program for AWS's JavaScript device SDK runs": async () => {
    const page = await open("devices?tab=connect");
    await make(page, "js-1");
    const root = await unpack(page, "js-1");
    symlinkSync(fileURLToPath(new URL("../node/node_modules", import.meta.url)), join(root, "node_modules"));
    const program = shell(await way(page, "JavaScript"), root);
    await said(program, /js-1\/hello \{"message": "hello"\}/);
    await status(page).getByText("js-1 is connected").waitFor();
    await end(program);
  },

  "a key that nobody saved is asked for": async () => {
    const page = await open("devices?tab=connect");
    await make(page, "lost-1");
    await page.getByRole("button", {name: "Another device"}).click();
    await page.getByRole("dialog").getByText("The private key of lost-1 was not downloaded.").waitFor();
    await page.getByRole("button", {name: "Cancel"}).click();
    await page.getByRole("heading", {name: "lost-1 is ready"}).waitFor();
    await page.getByRole("button", {name: "Another device"}).click();
    await yes(page, "Leave it");
    await page.getByLabel("Name of the thing").waitFor();
  },

  "a thing: type, attributes, groups, certificates": async () => {
    await iot("POST", "/things/tank-1", {attributePayload: {attributes: {site: "north", note: "x"}}});
    const page = await open("devices");
    await page.getByText("Thing types and groups").click();
    await page.getByPlaceholder("New thing type").fill("tank");
    await page.getByPlaceholder("New thing type").press("Enter");
    await page.getByPlaceholder("New thing group").fill("plant-7");
    await page.getByPlaceholder("New thing group").press("Enter");
    await page.getByRole("link", {name: "plant-7"}).waitFor();
    await page.getByRole("link", {name: "tank", exact: true}).waitFor();
    await page.getByRole("gridcell", {name: "tank-1", exact: true}).click();
    const thing = details(page, "Thing tank-1");
    await thing.getByRole("combobox", {name: "Thing type"}).selectOption("tank");
    await page.getByRole("row", {name: /tank-1 tank/}).waitFor();
    await thing.getByLabel("Value of site").fill("south");
    await thing.getByLabel("New attribute: Name").fill("serial");
    await thing.getByLabel("New attribute: Value").fill("A-17");
    await thing.getByRole("button", {name: "Save", exact: true}).click();
    await thing.getByLabel("Value of serial").waitFor();
    await thing.getByRole("button", {name: "Remove note"}).click();
    await thing.getByLabel("Value of note").waitFor({state: "detached"});
    await thing.getByPlaceholder("Thing group").fill("plant-7");
    await thing.getByRole("button", {name: "Add"}).click();
    await thing.getByRole("button", {name: "Remove plant-7"}).waitFor();
    const made = await iot("POST", "/keys-and-certificate?setAsActive=true");
    await thing.getByPlaceholder("Certificate ID").fill(made.certificateId);
    await thing.getByRole("button", {name: "Attach"}).click();
    await thing.getByRole("link", {name: `${made.certificateId.slice(0, 10)}…`}).waitFor();

    const stored = await iot("GET", "/things/tank-1");
    assert.deepEqual([stored.thingTypeName, stored.attributes], ["tank", {site: "south", serial: "A-17"}]);
    assert.deepEqual((await iot("GET", "/things/tank-1/principals")).principals, [made.certificateArn]);
    assert.deepEqual((await iot("GET", "/thing-groups/plant-7/things")).things, ["tank-1"]);

    // What AWS refuses is told where it happened, and nothing of the form is lost.
    await thing.getByPlaceholder("Thing group").fill("none");
    await thing.getByRole("button", {name: "Add"}).click();
    await failure(page, "ResourceNotFoundException");
    assert.equal(await thing.getByPlaceholder("Thing group").inputValue(), "none");
    await thing.getByRole("button", {name: "Delete", exact: true}).click();
    await page.getByRole("dialog").getByText("The thing tank-1.").waitFor();
    await yes(page, "Delete");
    await failure(page, "InvalidRequestException");
    await thing.getByRole("button", {name: `Detach ${made.certificateId}`}).click();
    await yes(page, "Detach");
    await thing.getByRole("link", {name: `${made.certificateId.slice(0, 10)}…`}).waitFor({state: "detached"});
    await thing.getByRole("button", {name: "Delete", exact: true}).click();
    await yes(page, "Delete");
    await page.getByRole("gridcell", {name: "tank-1", exact: true}).waitFor({state: "detached"});
    await assert.rejects(iot("GET", "/things/tank-1"), /404/);
  },

  "somebody else's change of a thing is not overwritten": async () => {
    await iot("POST", "/things/shared", {attributePayload: {attributes: {a: "1"}}});
    const page = await open("devices?thing=shared");
    await page.getByLabel("Value of a").fill("2");
    await iot("PATCH", "/things/shared", {attributePayload: {attributes: {b: "3"}, merge: true}});
    await details(page, "Thing shared").getByRole("button", {name: "Save", exact: true}).click();
    await failure(page, "VersionConflictException");
    assert.equal(await page.getByLabel("Value of a").inputValue(), "2");
    assert.deepEqual((await iot("GET", "/things/shared")).attributes, {a: "1", b: "3"});
  },

  "shadows: the desired state is edited, a member that is taken out goes": async () => {
    await iot("POST", "/things/valve", {});
    await aws("iotdata", "POST", "/things/valve/shadow", {state: {desired: {open: true, old: 1}, reported: {open: false}}});
    await aws("iotdata", "POST", "/things/valve/shadow?name=config", {state: {reported: {note: markup}}});
    const page = await open("devices?thing=valve");
    await page.getByRole("button", {name: "Classic shadow"}).click();
    const thing = details(page, "Thing valve");
    await thing.getByRole("heading", {name: "Difference"}).waitFor();
    await retype(page, "Desired state", "[1]");
    await thing.getByRole("button", {name: "Save the desired state"}).click();
    await failure(page, "The desired state is not a JSON object.");
    await retype(page, "Desired state", '{"open": false, "speed": 3}');
    await thing.getByRole("button", {name: "Save the desired state"}).click();
    await thing.getByText("Version 2").waitFor();
    assert.deepEqual((await aws("iotdata", "GET", "/things/valve/shadow")).state, {desired: {open: false, speed: 3}, reported: {open: false}, delta: {speed: 3}});

    // A device reports while the page is open.
    await aws("iotdata", "POST", "/things/valve/shadow", {state: {reported: {speed: 3}}});
    await thing.getByRole("heading", {name: "Difference"}).waitFor({state: "detached"});

    await thing.getByRole("button", {name: "config"}).click();
    await thing.getByText("<img src=x onerror=alert(1)>").first().waitFor();
    assert.match(page.url(), /shadow=config/);
    await retype(page, "Desired state", '{"a": 1}');
    await aws("iotdata", "POST", "/things/valve/shadow?name=config", {state: {reported: {note: "changed"}}});
    await thing.getByText("Changed meanwhile to version 2.").waitFor();
    await thing.getByRole("button", {name: "Save the desired state"}).click();
    await failure(page, "Version conflict");
    await thing.getByRole("button", {name: "Show it"}).click();
    await thing.locator(".devices-actions").getByRole("button", {name: "Delete"}).first().click();
    await yes(page, "Delete");
    await thing.getByText("The thing has no such shadow yet.").waitFor();
    assert.deepEqual((await aws("iotdata", "GET", "/api/things/shadow/ListNamedShadowsForThing/valve")).results, []);
  },

  "long lists are read in AWS's pages, and searched by AWS": async () => {
    for (let begin = 0; begin < 300; begin += 50) {
      await Promise.all(Array.from({length: 50}, (_, n) => iot("POST", `/things/fleet-${begin + n}`, {attributePayload: {attributes: {row: String((begin + n) % 3)}}})));
    }
    const page = await open("devices");
    await page.getByText("250+", {exact: true}).waitFor();
    await page.getByRole("button", {name: "Read more"}).click();
    await page.getByText(/^3\d\d$/).waitFor();
    await page.getByRole("searchbox").fill("fleet attribute:row=2 -fleet-2");
    await page.getByText(/^\d+ of 100$/).waitFor();
    await page.reload();
    await page.getByText(/^\d+ of 100$/).waitFor();
    await page.getByRole("searchbox").fill("fleet-299");
    await page.getByRole("searchbox").press("Enter"); // not in the first page
    await page.getByRole("complementary", {name: "Thing fleet-299"}).waitFor();
    assert.match(page.url(), /thing=fleet-299/);
  },

  "a certificate is deactivated, and its device leaves": async () => {
    const made = await deviceWith("guard", [{Effect: "Allow", Action: "iot:*", Resource: "*"}]);
    const page = await open("devices?tab=certificates");
    await page.getByRole("searchbox").fill(made.certificateId.slice(0, 20));
    await page.getByRole("gridcell", {name: made.certificateId}).click();
    const one = details(page, `Certificate ID ${made.certificateId}`);
    await one.getByText("Active", {exact: true}).waitFor();
    await one.getByRole("button", {name: "Delete", exact: true}).click();
    await yes(page, "Delete");
    await failure(page, "CertificateStateException");
    await one.getByRole("button", {name: "Deactivate"}).click();
    await page.getByRole("dialog").getByText(made.certificateId).waitFor();
    await yes(page, "Deactivate");
    await one.getByText("Inactive", {exact: true}).waitFor();
    await one.getByRole("button", {name: "Delete", exact: true}).click();
    await yes(page, "Delete");
    await failure(page, "DeleteConflictException");
    await one.getByRole("button", {name: "Detach guard"}).click();
    await yes(page, "Detach");
    await one.getByRole("link", {name: "guard"}).waitFor({state: "detached"});
    await one.getByRole("button", {name: "Activate"}).click();
    await one.getByText("Active", {exact: true}).waitFor();
    await one.getByRole("button", {name: "Revoke"}).click();
    await yes(page, "Revoke");
    await one.getByText("Revoked", {exact: true}).waitFor();
    await one.getByRole("button", {name: "Delete", exact: true}).click();
    await yes(page, "Delete");
    await one.waitFor({state: "detached"});
    await assert.rejects(iot("GET", `/certificates/${made.certificateId}`), /404/);
  },

  "a policy: AWS's fault in place, versions, the default, targets": async () => {
    const page = await open("devices?tab=policies");
    await page.getByRole("button", {name: "Create policy"}).click();
    const form = details(page, "Create policy");
    await form.getByPlaceholder("Policy").fill("field");
    await retype(page, "Policy document", '{"Version": "2012-10-17"}');
    await form.getByRole("button", {name: "Create policy"}).click();
    await failure(page, "MalformedPolicyException");
    assert.equal(await form.getByPlaceholder("Policy").inputValue(), "field");
    const document = (action) => JSON.stringify({Version: "2012-10-17", Statement: [{Effect: "Allow", Action: action, Resource: "*"}]});
    await retype(page, "Policy document", document("iot:Connect"));
    await form.getByRole("button", {name: "Create policy"}).click();
    const policy = details(page, "Policy field");
    await policy.getByText("Version 1 (default)").waitFor({state: "attached"});
    await retype(page, "Policy document", document("iot:Publish"));
    await policy.getByRole("button", {name: "Save as the new default version"}).click();
    await policy.getByText("Version 2 (default)").waitFor({state: "attached"});
    assert.match((await iot("GET", "/policies/field")).policyDocument, /iot:Publish/);
    await policy.getByRole("combobox", {name: "Version"}).selectOption("1");
    assert.match(page.url(), /version=1/);
    await policy.getByRole("button", {name: "Make it the default"}).click();
    await policy.getByText("Version 1 (default)").waitFor({state: "attached"});
    assert.match((await iot("GET", "/policies/field")).policyDocument, /iot:Connect/);
    await policy.getByRole("combobox", {name: "Version"}).selectOption("2");
    await policy.getByRole("button", {name: "Delete version"}).click();
    await yes(page, "Delete version");
    await policy.getByText(/^Version 2/).waitFor({state: "detached"});
    await policy.getByPlaceholder("Certificate or thing group (ARN)").fill("arn:aws:iot:us-east-1:000000000000:thinggroup/none");
    await policy.getByRole("button", {name: "Attach"}).click();
    await failure(page, "ResourceNotFoundException");
    const made = await iot("POST", "/keys-and-certificate?setAsActive=true");
    await policy.getByPlaceholder("Certificate or thing group (ARN)").fill(made.certificateArn);
    await policy.getByRole("button", {name: "Attach"}).click();
    await policy.getByRole("link", {name: `${made.certificateId.slice(0, 10)}…`}).waitFor();
    await policy.getByRole("button", {name: "Delete", exact: true}).click();
    await yes(page, "Delete");
    await failure(page, "DeleteConflictException");
    await policy.getByRole("button", {name: `Detach ${made.certificateArn}`}).click();
    await yes(page, "Detach");
    await policy.getByText("None", {exact: true}).waitFor();
    await policy.getByRole("button", {name: "Delete", exact: true}).click();
    await yes(page, "Delete");
    await policy.waitFor({state: "detached"});
    await assert.rejects(iot("GET", "/policies/field"), /404/);
  },

  "who was refused is told, with the policy that decided": async () => {
    const page = await open("devices?tab=connect");
    await make(page, "shy");
    const root = await unpack(page, "shy");
    const [publish] = (await way(page, "mosquitto")).match(/mosquitto_pub[\s\S]+$/) ?? [];
    const refused = publish.replace("-t shy/hello", "-t plant/1").replace("-q 1", "-q 0");
    assert.notEqual(refused, publish);
    for (let n = 0; n < 3; ++n) execFileSync("bash", ["-c", refused], {cwd: root});
    await iot("POST", "/policies/no-entry", {policyDocument: JSON.stringify({Version: "2012-10-17", Statement: [
      {Effect: "Allow", Action: "iot:*", Resource: "*"}, {Sid: "NotHere", Effect: "Deny", Action: "iot:Publish", Resource: "arn:aws:iot:us-east-1:000000000000:topic/plant/*"}]})});
    const {certificates} = await iot("GET", "/certificates");
    await iot("PUT", "/target-policies/no-entry", {target: certificates[0].certificateArn});
    execFileSync("bash", ["-c", refused], {cwd: root});

    await page.getByRole("tab", {name: "Why refused"}).click();
    await page.getByRole("link", {name: /^shy iot:Publish/}).click();
    const found = page.getByRole("list", {name: "shy"}).getByRole("listitem");
    await found.nth(1).waitFor();
    assert.equal(await found.count(), 2);
    const denied = found.nth(0), implicit = found.nth(1);
    await denied.getByText("Statement 2 (“NotHere”) denies it, of the policy no-entry").waitFor();
    await implicit.getByText("3 times").waitFor();
    await implicit.getByText("arn:aws:iot:us-east-1:000000000000:topic/plant/1", {exact: true}).first().waitFor();
    await implicit.getByText("A statement that would allow it").click();
    assert.deepEqual(JSON.parse(await implicit.locator("pre").textContent()),
      {Effect: "Allow", Action: "iot:Publish", Resource: "arn:aws:iot:us-east-1:000000000000:topic/plant/1"});
    await implicit.getByRole("link", {name: "shy-device"}).click();
    await page.getByRole("complementary", {name: "Policy shy-device"}).waitFor();
    await page.goBack();
    await page.getByPlaceholder("Client ID, or certificate ID").fill("never-seen");
    await page.getByRole("button", {name: "Show why"}).click();
    await page.getByText("Nothing was refused to never-seen since croft started.").waitFor();
  },

  "what devices call themselves is text": async () => {
    await iot("POST", "/things/hostile", {attributePayload: {attributes: {note: "a:b@c", "x.y": "#1"}}});
    await aws("iotdata", "POST", "/things/hostile/shadow", {state: {reported: {note: markup}, desired: {note: markup}}});
    const page = await open(`devices?thing=hostile&shadow=%24classic`);
    await page.locator(".devices-part pre").getByText("<img src=x").first().waitFor();
    assert.equal(await page.locator("main img, main script").count(), 0);
    await page.goto(page.url().replace(/\?.*/, `?tab=refused&client=${encodeURIComponent(markup)}`));
    await page.getByText(`Nothing was refused to ${markup} since croft started.`).waitFor();
    device("nobody").kill("SIGKILL");
    assert.equal(await page.locator("main img, main script").count(), 0);
  },
});
