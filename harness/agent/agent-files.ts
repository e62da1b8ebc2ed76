/** Files that the agent reads, writes and removes for the runner. */

import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { Debt, Outbox } from "./credit.ts";
import { Body, Fields, FRAME } from "./frame.ts";
import type { Line } from "./thing.ts";

export function readFileThing(line: Line, id: number, path: string): void {
  const file = createReadStream(path);
  const outbox = new Outbox((bytes) => line.send(FRAME.data, id, bytes));
  const give = () => {
    file.destroy();
    line.closed(id);
  };
  line.also(id, {
    take: (type, body) => {
      if (type === FRAME.reset) give();
      if (type !== FRAME.credit) return;
      outbox.credit(new Fields(body).u32());
      if (outbox.held === 0) file.resume();
    },
    drop: give,
  });
  file.on("data", (bytes) => {
    outbox.push(bytes as Buffer);
    if (outbox.held > 0) file.pause();
  });
  file.on("end", () =>
    outbox.afterwards(() => {
      line.send(FRAME.end, id);
      line.closed(id);
    }),
  );
  file.on("error", (error) => line.closed(id, error));
}

export function writeFileThing(line: Line, id: number, path: string): void {
  const file = createWriteStream(path);
  const debt = new Debt((bytes) => line.send(FRAME.credit, id, new Body().u32(bytes)));
  const give = () => {
    file.destroy();
    line.closed(id);
  };
  line.also(id, {
    take: (type, body) => {
      if (type === FRAME.data) file.write(body, (error) => error ?? debt.add(body.length));
      if (type === FRAME.end) file.end();
      if (type === FRAME.reset) give();
    },
    drop: give,
  });
  file.on("finish", () => line.closed(id));
  file.on("error", (error) => line.closed(id, error));
}

export function removeFileThing(line: Line, id: number, path: string): void {
  line.also(id, { take: () => {}, drop: () => {} });
  rm(path).then(
    () => line.closed(id),
    (error) => line.closed(id, error),
  );
}
