// The portal's two stories, each against what it needs: a local cloud of its own, and an API that is made up.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromiumProgram, localCloud, SHOTS } from "./harness.mjs";

const FOLDER = dirname(fileURLToPath(import.meta.url));

async function tell(story, options) {
  const line = [join(FOLDER, story), "--shots", SHOTS, "--browser", chromiumProgram(), ...options];
  const [code] = await once(spawn(process.execPath, line, { stdio: "inherit" }), "exit");
  assert.equal(code, 0, `${story} ended with ${code}`);
}

test("from an empty account to On air and back to nothing, through the portal alone", async () => {
  const cloud = await localCloud();
  // The account's own list, and not the API's, says what is left.
  const inventory = async () => (await fetch(`${cloud.aws}/_headend/inventory`)).json();
  try {
    const before = await inventory();
    await tell("portal.mjs", ["--api", cloud.api, "--site", cloud.site]);
    assert.deepEqual(await inventory(), before);
  } finally {
    await cloud.stop();
  }
});

test("signs in, sends again what got lost, and shows states that are hard to come by", () => tell("portal_fixed.mjs", []));
