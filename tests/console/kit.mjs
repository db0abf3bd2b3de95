// Makes a device by the wizard and unpacks its archive in the folder of the argument.
import {execFileSync} from "node:child_process";
import {join} from "node:path";
import {open, run} from "./browser.mjs";

const folder = process.argv[2];

await run({
  "the archive": async () => {
    const page = await open("devices?tab=connect");
    await page.getByLabel("Name of the thing").fill("py-1");
    await page.getByRole("button", {name: "Make it"}).click();
    const button = page.getByRole("button", {name: "Download py-1.zip"});
    const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
    await download.saveAs(join(folder, "py-1.zip"));
    execFileSync("unzip", ["-q", "py-1.zip"], {cwd: folder});
  },
});
