import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { getServices } from "./backing.mjs";

const PATH = process.env.PATH;
/** All but Redis has an address, so that this is all that is started. */
const ENV = {
  MONGODB_URL: "mongodb://mine/ashchat",
  RABBITMQ_URL: "amqp://mine/ashchat",
  APERTIUM_URL: "http://mine",
  SMTP_URL: "smtp://mine",
  REDIS_PASSWORD: "a-password",
};

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ashchat-docker-"));
  process.env.PATH = `${folder}:${PATH}`;
});
afterEach(() => {
  process.env.PATH = PATH;
  rmSync(folder, { recursive: true });
});

const place = (name, lines) => writeFileSync(join(folder, name), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
const said = (name) => readFileSync(join(folder, name), "utf8").trim().split("\n");

/** A docker client whose container becomes healthy at the third look; with or without the compose plugin. */
function placeDocker({ hasPlugin }) {
  place(
    "docker",
    `case "$1" in
      info) echo 24.0 ;;
      compose) ${hasPlugin ? `echo "$@" >> ${folder}/plugin.log` : "exit 1"} ;;
      inspect)
        echo look >> ${folder}/looks.log
        [ "$(wc -l < ${folder}/looks.log)" -ge 3 ] && echo healthy || echo starting ;;
    esac`,
  );
}

const open = () => getServices({ env: ENV, dir: folder, log: () => {}, undo: [] });

test("the older docker-compose, which cannot wait, is waited for until the servers are healthy", async () => {
  placeDocker({ hasPlugin: false });
  place("docker-compose", `case "$*" in *" ps -q "*) echo 0123abc ;; *) echo "$@" >> ${folder}/compose.log ;; esac`);
  expect(await open()).toMatchObject({ from: "docker compose", env: { REDIS_URL: expect.stringMatching(/^redis:/) } });
  expect(said("compose.log")).toEqual([expect.stringMatching(/ up -d redis$/)]);
  expect(said("looks.log").length).toBe(3);
});

test("the compose plugin waits itself", async () => {
  placeDocker({ hasPlugin: true });
  expect(await open()).toMatchObject({ from: "docker compose" });
  expect(said("plugin.log").at(-1)).toMatch(/ up -d --wait redis$/);
  expect(existsSync(join(folder, "looks.log"))).toBe(false);
});
