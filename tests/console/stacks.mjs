// Stacks in the browser, from a template to its end. CROFT_ARTICLE is set: the article's template is deployed as "status".
import assert from "node:assert/strict";
import {gateway, open, run} from "./browser.mjs";

const file = (text, name = "template.yml") => ({name, mimeType: "text/yaml", buffer: Buffer.from(text)});
const paste = (page, text) => page.locator("input[type=file]").setInputFiles(file(text));
const plan = (page) => page.getByRole("button", {name: "Plan", exact: true});
const row = (page, id) => page.getByRole("row").filter({has: page.getByRole("rowheader", {name: id, exact: true})});
const cells = async (page, id) => (await row(page, id).locator("td").allTextContents()).map((text) => text.trim());
const edges = (page) => page.locator(".stacks-edge").evaluateAll((all) =>
  all.map((one) => `${one.dataset.edge}: ${one.querySelector("title").textContent.split(": ")[1]}`).sort());

const said = (page, text) => page.getByRole("alert").getByText(text).waitFor();

const template = (key, more = "") => `
Parameters:
  Env: {Type: String, Default: dev, AllowedValues: [dev, prod], Description: "<b>Which</b>"}
  Secret: {Type: String, NoEcho: true}
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: ${key}, AttributeType: S}]
      KeySchema: [{AttributeName: ${key}, KeyType: HASH}]
  Dead: {Type: AWS::SQS::Queue}
  Jobs:
    Type: AWS::SQS::Queue
    DependsOn: Table
    Properties:
      QueueName: !Sub "\${Env}-\${AWS::StackName}"
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}
${more}Outputs:
  Url: {Value: !Ref Jobs, Description: Where jobs go}
`;

async function begin(page, name, text) {
  await page.getByLabel("Stack name").fill(name);
  await paste(page, text);
  await page.getByText("The template is well-formed").waitFor();
}

async function deploy(page) {
  await plan(page).click();
  await page.getByRole("button", {name: "Deploy", exact: true}).click();
}

const status = (page, text) => page.locator(".heading").getByText(text, {exact: true}).waitFor();

await run({
  "an empty screen says what to do": async () => {
    const page = await open("stacks?q=nothing-like-this");
    await page.getByText("No stack matches the filter.").waitFor();
    await page.getByRole("searchbox").fill("");
    await page.getByRole("link", {name: "Create a stack"}).click();
    await page.getByRole("heading", {name: "Create a stack"}).waitFor();
    assert.match(page.url(), /stacks\?new=1$/);
  },

  "an error in the template is shown where it is": async () => {
    const page = await open("stacks?new=1");
    await page.getByLabel("Stack name").fill("broken");
    await page.getByLabel("Template", {exact: true}).fill("Resources:\n  A: [\n  B: }\n");
    await said(page, "ValidationError: Template format error: YAML not well-formed. (line 3, column 6)");
    await page.locator(".cm-lintRange-error").waitFor();
    assert.ok(await plan(page).isDisabled());
    await paste(page, "Resources:\n  A:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: !Ref Nope}\n");
    await said(page, "Unresolved resource dependencies [Nope] in the Resources block of the template");
    assert.equal(await page.getByLabel("Stack name").inputValue(), "broken");
    await paste(page, template("id"));
    await page.getByText("The template is well-formed: AWS::DynamoDB::Table, AWS::SQS::Queue").waitFor();
    assert.equal(await page.locator(".failure, .cm-lintRange-error").count(), 0);
    assert.ok(await plan(page).isEnabled());
  },

  "a plan tells what would be, and nothing is made by it": async () => {
    const page = await open("stacks?new=1");
    await begin(page, "shop", template("id"));
    await page.getByText("<b>Which</b>", {exact: true}).waitFor();
    assert.deepEqual(await page.getByLabel(/^Env/).locator("option").allTextContents(), ["dev", "prod"]);
    await page.getByLabel(/^Env/).selectOption("prod");
    await page.getByLabel(/^Secret/).fill("hush");
    await plan(page).click();
    await page.getByText("3 to add, 0 to modify, 0 to remove").waitFor();
    assert.deepEqual(await cells(page, "Jobs"), ["Add", "AWS::SQS::Queue", "–", "", "–"]);
    const other = await open("queues");
    await other.getByRole("heading", {name: "Queues", exact: true}).waitFor();
    await other.getByRole("status").getByText(/queues?$/).waitFor();
    assert.equal(await other.getByRole("gridcell", {name: "prod-shop"}).count(), 0);
    // What was written is still there for who goes back.
    await page.getByRole("button", {name: "Change the template"}).click();
    assert.equal(await page.getByLabel("Stack name").inputValue(), "shop");
    await page.getByText("The template is well-formed").waitFor();
    assert.equal(await page.getByLabel(/^Env/).inputValue(), "prod");
    await page.goBack();
    await page.getByRole("button", {name: "Discard"}).click();
    await page.getByRole("heading", {name: "Stacks", exact: true}).waitFor();
    assert.equal(await page.getByRole("gridcell", {name: "shop", exact: true}).count(), 0);
  },

  "a deployment tells its events to the end, and what it made": async () => {
    const page = await open("stacks?new=1");
    await begin(page, "shop", template("id"));
    await page.getByLabel(/^Secret/).fill("hush");
    await deploy(page);
    await status(page, "CREATE_COMPLETE");
    assert.match(page.url(), /stack=shop&tab=events$/);
    const events = await page.locator("tbody tr").evaluateAll((rows) =>
      rows.map((one) => [...one.children].slice(1, 3).map((cell) => cell.textContent).join(" ")));
    assert.equal(events[0], "shop CREATE_COMPLETE");
    assert.equal(events.at(-1), "shop REVIEW_IN_PROGRESS");
    assert.ok(events.indexOf("Jobs CREATE_COMPLETE") < events.indexOf("Table CREATE_COMPLETE"), "the newest first");
    await page.getByRole("tab", {name: "Outputs"}).click();
    assert.match((await cells(page, "Url"))[0], /^http:\/\/127\.0\.0\.1:\d+\/000000000000\/dev-shop/);
    await page.getByRole("tab", {name: "Parameters"}).click();
    assert.deepEqual([await cells(page, "Env"), await cells(page, "Secret")], [["dev"], ["****"]]);
  },

  "the graph has the template's references, and leads to the screens": async () => {
    const page = await open("stacks?stack=shop");
    await page.locator(".stacks-node").first().waitFor();
    assert.deepEqual(await edges(page), ["Jobs Dead: GetAtt Arn", "Jobs Table: DependsOn"]);
    const links = await page.locator(".stacks-node").evaluateAll((all) =>
      all.map((one) => one.getAttribute("href").replace(/[A-Z0-9]{12,13}$/, "ID")).sort());
    const base = "/_croft/console/";
    assert.deepEqual(links, [`${base}queues?queue=dev-shop`, `${base}queues?queue=shop-Dead-ID`,
      `${base}tables?table=shop-Table-ID`]);
    // Reached and followed by the keyboard.
    const jobs = page.getByRole("link", {name: "Jobs, AWS::SQS::Queue, CREATE_COMPLETE, uses Table, Dead"});
    await jobs.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", {name: "Queues dev-shop"}).waitFor();
  },

  "an update shows what is replaced, and the stack's own template and values": async () => {
    const page = await open("stacks?stack=shop");
    await page.getByRole("button", {name: "Update", exact: true}).click();
    await page.getByText("The template is well-formed").waitFor();
    assert.ok(await page.getByLabel("Stack name").isDisabled());
    await plan(page).click();
    await page.getByText("Nothing to change: the stack is as the template says.").waitFor();
    await page.getByRole("button", {name: "Change the template"}).click();
    await page.getByText("The template is well-formed").waitFor();
    await paste(page, template("key", "  Extra: {Type: AWS::SQS::Queue}\n"));
    await page.getByText("The template is well-formed").waitFor();
    await plan(page).click();
    await page.getByText("1 to add, 1 to modify (1 replaced), 0 to remove").waitFor();
    const [action, , replacement, what] = await cells(page, "Table");
    assert.deepEqual([action, replacement, what],
      ["Modify", "Replaced", "AttributeDefinitions (Conditionally), KeySchema (Always)"]);
    await page.getByRole("button", {name: "Deploy", exact: true}).click();
    await status(page, "UPDATE_COMPLETE");
    await page.getByRole("tab", {name: "Resources"}).click();
    await row(page, "Extra").waitFor();
  },

  "a failure tells its reason": async () => {
    const page = await open("stacks?new=1");
    const name = "'<img src=x onerror=alert(1)>'";
    const bad = `{Type: AWS::SQS::Queue, DependsOn: Good, Properties: {QueueName: ${name}}}`;
    await begin(page, "fails", `Resources:\n  Good: {Type: AWS::SQS::Queue}\n  Bad: ${bad}\n`);
    await deploy(page);
    await status(page, "ROLLBACK_COMPLETE");
    const alert = await page.getByRole("alert").textContent();
    assert.match(alert, /^Bad failed: /);
    await page.getByRole("tab", {name: "Resources"}).click();
    await row(page, "Good").getByText("DELETE_COMPLETE").waitFor();
    assert.equal(await row(page, "Good").getByRole("link").count(), 0, "what is gone has no screen");
    assert.equal(await page.locator("main img").count(), 0);
  },

  "code in a folder is left to croft deploy": async () => {
    const page = await open("stacks?new=1");
    const code = "{Type: AWS::Serverless::Function, Properties: {Handler: a.b, Runtime: python3.11, CodeUri: ./src}}";
    await begin(page, "folder", `Transform: AWS::Serverless-2016-10-31\nResources:\n  F: ${code}\n`);
    await page.getByText("croft deploy template.yml --stack-name folder --capabilities CAPABILITY_IAM").waitFor();
    assert.ok(await plan(page).isDisabled(), "capabilities are stated first");
    await page.getByRole("checkbox", {name: /^I acknowledge .*CAPABILITY_AUTO_EXPAND/}).check();
    await plan(page).click();
    await page.getByText("This cannot be deployed.").waitFor();
    await page.getByRole("alert").getByText("CodeUri").waitFor();
    await page.getByText("croft deploy template.yml --stack-name folder --capabilities CAPABILITY_IAM").waitFor();
    await page.getByRole("button", {name: "Discard"}).click();
    await page.getByRole("heading", {name: "Stacks", exact: true}).waitFor();
  },

  "the article's stack is shown fully": async () => {
    const page = await open("stacks");
    await page.getByRole("gridcell", {name: "status", exact: true}).click();
    await page.getByText("Greengrass Connection Test").waitFor();
    await page.locator(".stacks-edge").first().waitFor();
    assert.deepEqual(await edges(page), [
      "UpdateConnected ConnectedTable: Ref", "UpdateConnected LambdaExecuteRole: GetAtt Arn",
      "UpdateConnectedIoT UpdateConnected: GetAtt Arn", "UpdateConnectedIoTPermission UpdateConnected: Ref",
        "UpdateConnectedIoTPermission UpdateConnectedIoT: Ref",
      "UpdateDisconnected ConnectedTable: Ref", "UpdateDisconnected LambdaExecuteRole: GetAtt Arn",
      "UpdateDisconnectedIoT UpdateDisconnected: GetAtt Arn", "UpdateDisconnectedIoTPermission UpdateDisconnected: Ref",
        "UpdateDisconnectedIoTPermission UpdateDisconnectedIoT: Ref",
    ].sort());
    const href = (id) => row(page, id).getByRole("link").getAttribute("href");
    assert.match(await href("UpdateConnected"), /console\/functions\?function=status-UpdateConnected-[A-Z0-9]+$/);
    assert.match(await href("UpdateConnectedIoT"), /console\/rules\?rule=status_UpdateConnectedIoT_[A-Z0-9]+$/);
    assert.match(await href("ConnectedTable"), /console\/tables\?table=status-ConnectedTable-[A-Z0-9]+$/);
    await page.getByRole("tab", {name: "Template"}).click();
    await page.locator(".cm-content").getByText("AWS::Serverless-2016-10-31").waitFor();
    await page.getByLabel("Form of the template").selectOption("processed");
    await page.locator(".cm-content").getByText('"LambdaExecuteRole"').first().waitFor();
    assert.match(page.url(), /tab=template&stage=processed$/);
  },

  "a large template goes by way of a bucket": async () => {
    const page = await open("stacks?new=1");
    await begin(page, "large", `Resources:\n  Q: {Type: AWS::SQS::Queue}\n${`# ${"x".repeat(98)}\n`.repeat(600)}`);
    await deploy(page);
    await status(page, "CREATE_COMPLETE");
  },

  "a deletion asks with the names of what goes": async () => {
    const page = await open("stacks?stack=shop");
    await page.locator(".stacks-node").first().waitFor();
    await page.getByRole("button", {name: "Delete", exact: true}).click();
    const dialog = page.getByRole("dialog", {name: "Delete the stack shop?"});
    assert.match(await dialog.textContent(), /Jobs {2}http:\/\/.*\/dev-shop/);
    await dialog.getByRole("button", {name: "Cancel"}).click();
    await page.getByRole("button", {name: "Delete", exact: true}).click();
    await dialog.getByRole("button", {name: "Delete", exact: true}).click();
    await status(page, "DELETE_COMPLETE");
    await page.getByRole("rowheader", {name: "Jobs"}).first().waitFor();
    await page.getByRole("link", {name: "Stacks"}).first().click();
    await page.getByRole("gridcell", {name: "status", exact: true}).waitFor();
    assert.equal(await page.getByRole("gridcell", {name: "shop", exact: true}).count(), 0);
    await page.getByLabel("Show deleted stacks").check();
    await page.getByRole("gridcell", {name: "shop", exact: true}).first().waitFor();
    assert.equal((await fetch(`${gateway}/health`)).status, 200);
  },
});
