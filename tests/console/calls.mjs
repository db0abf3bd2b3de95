// Calls: what one asked for, and the same as a command. Argument: a JSON list of operations; prints the command of each.
import assert from "node:assert/strict";
import {gateway, home, open, run} from "./browser.mjs";

const wanted = JSON.parse(process.argv[2]);
const row = (page, operation) => page.getByRole("row").filter({has: page.getByRole("gridcell", {name: operation, exact: true})}).first();
const commands = {};

async function details(page, operation) {
  await row(page, operation).click();
  const found = page.getByRole("complementary", {name: `Call of ${operation}`});
  await found.getByRole("heading", {name: "As AWS CLI"}).waitFor();
  return found;
}

await run({
  "each call is a command": async () => {
    const page = await open("calls");
    for (const operation of wanted) {
      await page.getByRole("searchbox").fill(operation);
      const found = await details(page, operation);
      commands[operation] = (await found.locator(".calls-command pre").textContent()).replace(/--endpoint-url \S+/, `--endpoint-url ${gateway}`);
      await found.getByRole("button", {name: "Close"}).click();
      await found.waitFor({state: "detached"});
    }
    console.log(JSON.stringify(commands));
  },

  "the command on the clipboard is the one that is shown": async () => {
    const page = await open("calls?q=PutItem", {context: {permissions: ["clipboard-read", "clipboard-write"]}});
    const found = await details(page, "PutItem");
    await found.getByRole("button", {name: "Copy as AWS CLI"}).click();
    await found.getByRole("button", {name: "Copied"}).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await found.locator(".calls-command pre").textContent());
    assert.equal(await page.locator("main img, main script").count(), 0);
    assert.match(page.url(), /call=\d+/);
  },

  "a failed call says why, who asked, and leads to what it was about": async () => {
    const page = await open("calls?q=DescribeTable");
    const found = await details(page, "DescribeTable");
    await found.getByText("Requested resource not found: Table: absent not found").waitFor();
    await found.getByText("ResourceNotFoundException").waitFor();
    await found.getByText(/^Boto3\//).waitFor();
    await found.getByText(/^[0-9a-f]{8}-[0-9a-f]{4}-/).waitFor();
    assert.match(await found.getByRole("link", {name: "absent"}).getAttribute("href"), /\/tables\?table=absent$/);
    await page.goto(page.url().replace(/\?.*/, "?q=AttachThingPrincipal"));
    await (await details(page, "AttachThingPrincipal")).getByRole("link", {name: "pump"}).click();
    await page.getByRole("complementary", {name: "Thing pump"}).waitFor();
  },

  "what can be secret is not kept, and that is said": async () => {
    const page = await open("calls?q=CreateFunction");
    await (await details(page, "CreateFunction")).getByText("Its input can hold a secret and is not kept.").waitFor();
    await page.getByRole("searchbox").fill("BatchWriteItem");
    await (await details(page, "BatchWriteItem")).getByText("Its input is longer than what is kept of one.").waitFor();
    await page.getByRole("searchbox").fill("DeleteObjects");
    await (await details(page, "DeleteObjects")).getByText("Its input is a document in XML, which is not kept.").waitFor();
  },

  "a call that is made while the list is under way is not lost under it": async () => {
    const page = await open(null);
    let made = () => undefined;
    const shown = new Promise((resolve) => (made = resolve));
    await page.route(/\/console\/api\/calls$/, async (route) => {
      const response = await route.fetch(); // older than the call below
      await page.evaluate(() => fetch("/_croft/console/api/aws/dynamodb",
        {method: "POST", headers: {"x-amz-target": "DynamoDB_20120810.ListTagsOfResource", "x-croft-console": "1"}, body: "{}"}));
      await row(page, "ListTagsOfResource").waitFor();
      await route.fulfill({response});
      made();
    });
    await page.goto(`${home}calls?own=1&q=dynamodb`);
    await shown;
    await row(page, "PutItem").waitFor(); // of the list
    await row(page, "ListTagsOfResource").waitFor();
    await page.unrouteAll();
  },
});
