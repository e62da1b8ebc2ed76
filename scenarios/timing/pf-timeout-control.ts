import { entersPassiveMode, fails, logsIn, scenario } from "anchorage";

// basic-ftp #123 #21, ftp-deploy #21, node-ftp #78: the firewall forgets the silent control connection in a long upload
const forgotten = fails({ by: "firewall", at: "the 226", notice: "hangs" });
const harm = [{ name: "empty-after", detail: "still loaded: ftp-proxy/" }];

export default scenario({
  title: "A firewall that forgets a silent control connection",
  quirk:
    "With a short tcp.established the states of the control connection are gone before the upload ends; the 226 does not come.",
  sources: ["patrickjuchli/basic-ftp #123", "SamKirkland/ftp-deploy #21", "pf.conf(5) set timeout"],
  priority: 1,
  modes: ["passive"],
  families: ["inet"],
  sides: ["forward"],
  needs: ["virtual-time", "own-pf-conf"],
  limitMs: 7_200_000,
  pfConf: (text) => text.replace(/^set skip on lo$/m, "$&\nset timeout { tcp.established 300, interval 10 }"),
  async play(stage) {
    const { client, server } = stage;
    await logsIn(stage);
    await entersPassiveMode(stage);
    await client.sends("STOR big");
    await server.gets("STOR big");
    const [out, into] = await Promise.all([client.opensData(), server.acceptsData()]);
    await server.sends("150 Send it");
    await client.gets("150 Send it");
    for (let n = 0; n < 20; n++) {
      await out.sends("x".repeat(1000));
      await into.gets("x".repeat(1000));
      await stage.wait(60_000);
    }
    await out.closes();
    await into.seesEnd();
    await server.sends("226 Done");
    await client.hearsNothing(60_000);
  },
  // With divert-to the end of the session does not reach the proxy either, so its rules stay.
  expect: { "ftp-proxy": ({ era }) => (era === "rdr-anchor" ? forgotten : { ...forgotten, harm }) },
});
