// MQTT over TLS: who gets in, as whom, and who does not.

import { describe, expect, test } from "bun:test";
import { connect as connectTcp } from "node:net";
import { generate } from "mqtt-packet";
import { openListeners } from "../../src/broker/listeners.ts";
import { ViadutoError } from "../../src/lib/errors.ts";
import { LISTENING } from "../kit/broker-settings.ts";
import {
  CLIENT,
  EXPIRED_CLIENT,
  FOREIGN_CLIENT,
  NAMELESS_CLIENT,
  RENEWED_SERVER,
} from "../kit/client-certificates.ts";
import { payloadsOf } from "../kit/messages.ts";
import { run } from "../kit/processes.ts";
import { connectPacket } from "../kit/raw-client.ts";
import { openSecureDoors } from "../kit/secure-doors.ts";
import { describeIf } from "../kit/suites.ts";
import { connectMqtts, connectTls, expectRefusal, makeTlsFolder } from "../kit/tls-files.ts";
import { WAIT_TIMEOUT_MS } from "../kit/waiting.ts";

const OPTIONS = {
  ...LISTENING,
  connectTimeoutMs: WAIT_TIMEOUT_MS,
  onTlsFailure() {},
};
const PING = generate({ cmd: "pingreq" });

describeIf("mosquitto_pub", "mosquitto_pub over TLS", () => {
  test("1 MB arrives whole", async () => {
    await using doors = await openSecureDoors();
    const payload = "0123456789".repeat(100_000);
    const place = ["-p", String(doors.tlsPort), "--cafile", doors.files.authority];
    const result = await run("mosquitto_pub", [...place, "-t", "big", "-q", "1", "-s"], {
      stdin: payload,
    });
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    expect(payloadsOf(doors.broker.published)).toEqual([payload]);
    expect(doors.peers).toEqual([
      {
        address: expect.stringMatching(/^127\.0\.0\.1:\d+ \(TLS\)$/),
        host: "127.0.0.1",
        door: "tls",
      },
    ]);
  });

  test("a client certificate is a login, by its common name", async () => {
    await using doors = await openSecureDoors({ asksForCertificate: true });
    const { authority, clientCert, clientKey } = doors.files;
    const place = ["-p", String(doors.tlsPort), "--cafile", authority, "-t", "a", "-m", "x"];
    const named = [...place, "--cert", clientCert, "--key", clientKey, "-q", "1"];
    expect(await run("mosquitto_pub", named)).toMatchObject({ exitCode: 0 });
    expect(doors.peers).toMatchObject([{ door: "tls", certificateName: "ana" }]);
    expect((await run("mosquitto_pub", place)).exitCode).not.toBe(0);
    expect(doors.peers).toHaveLength(1);
  });
});

describe("client certificates", () => {
  test.each([
    ["none", undefined, "it shows no certificate"],
    ["an expired one", EXPIRED_CLIENT, "its certificate has expired"],
    ["one of another authority", FOREIGN_CLIENT, "its certificate is of no authority"],
    ["one without a name", NAMELESS_CLIENT, "its certificate has no common name"],
  ])("%s: refused, and the log says why", async (_, identity, words) => {
    await using doors = await openSecureDoors({ asksForCertificate: true });
    for (const maxVersion of ["TLSv1.2", undefined] as const) {
      await expectRefusal(doors.tlsPort, identity, maxVersion);
    }
    expect(await doors.waitForLine(/WARN/)).toContain(words);
    expect(doors.peers).toEqual([]);
    // The door is still open for others.
    const socket = await connectMqtts(doors.tlsPort, CLIENT);
    expect(doors.peers).toMatchObject([{ certificateName: "ana" }]);
    socket.destroy();
  });

  test("where none is asked for, one that is shown says nothing", async () => {
    await using doors = await openSecureDoors();
    const socket = await connectMqtts(doors.tlsPort, FOREIGN_CLIENT);
    expect(doors.peers.map(({ certificateName }) => certificateName)).toEqual([undefined]);
    socket.destroy();
  });
});

describe("a handshake", () => {
  test("that stands still is ended after the connect timeout", async () => {
    await using doors = await openSecureDoors({ connectTimeoutMs: 50 });
    const socket = connectTcp(doors.tlsPort, "127.0.0.1");
    await new Promise((resolve) => socket.once("close", resolve));
    await doors.waitForLine(/TLS with 127\.0\.0\.1 failed: the handshake took too long/);
    expect(doors.peers).toEqual([]);
  });

  test.each([
    ["plain MQTT", generate(connectPacket(5, "a"), { protocolVersion: 5 })],
    ["plain HTTP", Buffer.from("GET / HTTP/1.1\r\nHost: a\r\n\r\n")],
    ["noise", Buffer.alloc(4_096, 0x16)],
  ])("that is %s is none: told, and the door stays open", async (_, bytes) => {
    await using doors = await openSecureDoors();
    const socket = connectTcp(doors.tlsPort, "127.0.0.1", () => socket.write(bytes));
    socket.on("error", () => {});
    await new Promise((resolve) => socket.resume().once("close", resolve));
    await doors.waitForLine(/TLS with 127\.0\.0\.1 failed: /);
    (await connectTls(doors.tlsPort)).destroy();
  });

  test("that its client cuts off is told with the address it came from", async () => {
    await using doors = await openSecureDoors();
    const socket = connectTcp(doors.tlsPort, "127.0.0.1");
    socket.on("error", () => {});
    await new Promise((resolve) => socket.once("connect", resolve));
    // When one that came later is served, the door has accepted this one.
    const later = await connectMqtts(doors.tlsPort);
    socket.write(Buffer.of(0x16, 3, 1)); // The beginning of a hello.
    socket.resetAndDestroy();
    expect(await doors.waitForLine(/TLS with /)).toContain("TLS with 127.0.0.1 failed: ");
    later.destroy();
  });

  test("that fails again and again is counted, and not written each time", async () => {
    const doors = await openSecureDoors();
    for (let times = 0; times < 20; times++) {
      const socket = connectTcp(doors.tlsPort, "127.0.0.1", () => {
        socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      });
      socket.on("error", () => {});
      await new Promise((resolve) => socket.resume().once("close", resolve));
    }
    await doors[Symbol.asyncDispose]();
    const told = doors.lines.filter((line) => line.includes("that is HTTP, and not TLS"));
    expect(told).toHaveLength(6);
    expect(told.at(-1)).toEndWith(
      "15 times more: TLS failed: that is HTTP, and not TLS; from 127.0.0.1 (15)",
    );
  });

  test("of TLS 1.1 is refused, of TLS 1.2 is fine", async () => {
    await using doors = await openSecureDoors();
    await expectRefusal(doors.tlsPort, undefined, "TLSv1.1");
    await doors.waitForLine(/TLS with 127\.0\.0\.1 failed: /);
    expect(doors.peers).toEqual([]);
    const socket = await connectTls(doors.tlsPort, undefined, { maxVersion: "TLSv1.2" });
    expect(socket.getProtocol()).toBe("TLSv1.2");
    socket.destroy();
  });

  test("has a limit of its own, as connections have", async () => {
    await using doors = await openSecureDoors({ connectionsMax: 2 });
    const open = () => {
      const socket = connectTcp(doors.tlsPort, "127.0.0.1");
      return { socket, closed: new Promise((resolve) => socket.once("close", resolve)) };
    };
    const [one, two, three] = [open(), open(), open()];
    await Promise.race([one.closed, two.closed, three.closed]);
    expect([one, two, three].filter(({ socket }) => !socket.closed)).toHaveLength(2);
    for (const { socket } of [one, two]) socket.destroy();
  });
});

describe("certificates that are read again", () => {
  test("hold from the next connection on; the others stay", async () => {
    await using doors = await openSecureDoors();
    const before = await connectMqtts(doors.tlsPort);
    await doors.files.renew();
    doors.reloadCertificates();
    const after = await connectTls(doors.tlsPort);
    const issuers = [before, after].map((socket) => socket.getPeerCertificate().issuer.CN);
    expect(issuers).toEqual(["viaduto test CA", "viaduto test clients"]);
    before.write(PING);
    await new Promise((resolve) => before.once("data", resolve));
    for (const socket of [before, after]) socket.destroy();
  });

  test("that are none change nothing", async () => {
    await using doors = await openSecureDoors({ asksForCertificate: true });
    await doors.files.renew("no certificate");
    expect(() => doors.reloadCertificates()).toThrow("cannot be read");
    await doors.files.renew(RENEWED_SERVER.certificate.replace(/M/g, "N"));
    expect(() => doors.reloadCertificates()).toThrow("cannot be read");
    const socket = await connectTls(doors.tlsPort, CLIENT);
    expect(socket.getPeerCertificate().issuer.CN).toBe("viaduto test CA");
    socket.destroy();
  });

  test("go on asking clients for theirs", async () => {
    await using doors = await openSecureDoors({ asksForCertificate: true });
    await doors.files.renew();
    doors.reloadCertificates();
    await expectRefusal(doors.tlsPort);
    await doors.waitForLine(/it shows no certificate/);
    expect(doors.peers).toEqual([]);
  });
});

describe("at the start", () => {
  test("a taken port is named, with the two ways out", async () => {
    await using doors = await openSecureDoors();
    const { tlsPort, wssPort, files: tls } = doors;
    const taken = [
      ["tls", tlsPort, { tlsPort }],
      ["wss", wssPort, { wssPort }],
    ] as const;
    for (const [name, port, ports] of taken) {
      const error = await openListeners({ ...OPTIONS, ...ports, tls }, () => {}).catch((e) => e);
      expect(error).toBeInstanceOf(ViadutoError);
      expect(error.message).toContain(`port ${port} on 127.0.0.1 is taken`);
      expect(error.hint).toBe(
        `do without it: --${name}-port off; ` +
          `or choose another port: --${name}-port 0 takes a free one`,
      );
    }
  });

  test("a file that is none is named", async () => {
    await using files = await makeTlsFolder();
    const tls = { cert: files.authority, key: files.key };
    const opening = openListeners({ ...OPTIONS, tlsPort: 0, tls }, () => {});
    await expect(opening).rejects.toThrow(`${files.key} cannot be read: `); // It is another's.
  });

  test("IPv4 clients have their IPv4 address on all addresses, too", async () => {
    await using doors = await openSecureDoors({ host: "::" });
    (await connectMqtts(doors.tlsPort)).destroy();
    expect(doors.peers).toMatchObject([{ host: "127.0.0.1", door: "tls" }]);
  });
});
