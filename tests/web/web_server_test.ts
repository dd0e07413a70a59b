/** The server of the pages, and attacks on it. */
import { EventChannel } from "../../cli/web/event_channel.ts";
import { Refusal } from "../../cli/web/refusal.ts";
import type { Site } from "../../cli/web/routes.ts";
import { type Binding, startWebServer, type WebLimits, type WebServer } from "../../cli/web/web_server.ts";
import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "../assert.ts";
import { rawRequest, requestText, statusOf } from "./raw_request.ts";

/** Starts a small site for a test, and stops it. */
async function withSite(
  test: (
    server: WebServer,
    facts: { token: string; errors: unknown[]; channel: EventChannel },
  ) => Promise<void>,
  { binding = {}, limits = {}, routes = {} }: {
    binding?: Binding;
    limits?: Partial<WebLimits>;
    routes?: Site["routes"];
  } = {},
): Promise<void> {
  const errors: unknown[] = [], channel = new EventChannel(() => [{ name: "hello", data: "a\nb" }]);
  const server = await startWebServer(
    {
      routes: {
        "GET /item/:index": ({ parameters, query }) => Response.json([parameters, query.get("n")]),
        "POST /echo": async ({ json }) => Response.json(await json()),
        "GET /events": () => channel.connect(),
        "GET /broken": () => {
          throw new TypeError("a fault");
        },
        "GET /refused": () => {
          throw new Refusal(409, "Not now.");
        },
        ...routes,
      },
      assets: { "/": "<!doctype html><title>Page</title>", "/page.js": "export {};" },
      onError: (error) => errors.push(error),
    },
    binding,
    limits,
  );
  try {
    await test(server, { token: new URL(server.address).pathname, errors, channel });
  } finally {
    channel.close();
    await server.stop();
  }
}

Deno.test("web server: its address serves assets and routes; all responses forbid inline code and frames", async () => {
  await withSite(async ({ address }, { errors }) => {
    const page = await fetch(address);
    assertEquals([page.status, page.headers.get("content-type")], [200, "text/html; charset=utf-8"]);
    assertStringIncludes(await page.text(), "<title>Page");
    const script = await fetch(`${address}page.js`);
    assertEquals([script.headers.get("content-type"), await script.text()], [
      "text/javascript; charset=utf-8",
      "export {};",
    ]);
    const item = await fetch(`${address}item/12?n=3`);
    assertEquals(await item.json(), [{ index: "12" }, "3"]);
    const missing = await fetch(`${address}item/12/13`);
    assertEquals([missing.status, await missing.text()], [404, "Not found.\n"]);
    const wrong = await fetch(`${address}echo`);
    assertEquals([wrong.status, wrong.headers.get("allow")], [405, "POST"]);
    const refused = await fetch(`${address}refused`);
    assertEquals([refused.status, await refused.text()], [409, "Not now.\n"]);
    const broken = await fetch(`${address}broken`);
    assertEquals([broken.status, `${errors}`], [500, "TypeError: a fault"]);
    for (const { headers } of [page, script, item, missing, wrong, refused, broken]) {
      const policy = headers.get("content-security-policy") ?? "";
      assertStringIncludes(policy, "default-src 'none'; script-src 'self'; style-src 'self'");
      assertStringIncludes(policy, "frame-ancestors 'none'");
      assert(!policy.includes("unsafe"), policy);
      assertEquals(headers.get("referrer-policy"), "no-referrer");
      assertEquals(headers.get("cache-control"), "no-store");
    }
    await broken.body?.cancel();
    await wrong.body?.cancel();
  });
});

Deno.test("web server: values in JSON arrive; malformed ones are refused", async () => {
  await withSite(async ({ address }) => {
    const post = async (body: string | Uint8Array<ArrayBuffer>) => {
      const response = await fetch(`${address}echo`, { method: "POST", body });
      return [response.status, await response.text()];
    };
    assertEquals(await post('{"ü":[1]}'), [200, '{"ü":[1]}']);
    for (const body of ["", "{", Uint8Array.of(34, 255, 34)]) {
      assertEquals(await post(body), [400, "The body of the request is not valid JSON.\n"]);
    }
  });
});

Deno.test("web server: requests of other hosts, of other sites, without the token, or with odd paths are refused", async () => {
  await withSite(async ({ port }, { token }) => {
    const status = async (line: string, headers: Record<string, string | undefined> = {}, body = "") =>
      statusOf(await rawRequest(port, requestText(line, port, headers, body)));
    const get = `GET ${token}`;
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`]) {
      assertEquals(await status(get, { host }), 200, host);
    }
    const hosts = [
      undefined,
      "evil.example",
      `evil.example:${port}`,
      `localhost.evil.example:${port}`,
      `localhost:${port + 1}`,
      "127.0.0.1",
      `127.0.0.1:${port}@evil.example`,
      `127.0.0.1.evil.example:${port}`,
      "",
    ];
    for (const host of hosts) assert([400, 403].includes(await status(get, { host })), `Host ${host}`);

    const post = `POST ${token}echo`, own = `http://127.0.0.1:${port}`;
    const sent = { "content-length": "1" };
    assertEquals(await status(post, { ...sent, origin: own }, "1"), 200);
    assertEquals(await status(post, { ...sent, "sec-fetch-site": "same-origin" }, "1"), 200);
    for (
      const origin of ["http://evil.example", "null", `http://localhost:${port}`, `https://127.0.0.1:${port}`]
    ) {
      assertEquals(await status(post, { ...sent, origin }, "1"), 403, origin);
    }
    for (const site of ["cross-site", "same-site"]) {
      assertEquals(await status(post, { ...sent, "sec-fetch-site": site }, "1"), 403, site);
      assertEquals(await status(get, { "sec-fetch-site": site }), 403, site);
      const link = { "sec-fetch-site": site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
      assertEquals(await status(get, link), 200, `a link from ${site}`);
      assertEquals(await status(get, { ...link, "sec-fetch-dest": "iframe" }), 403, `a frame of ${site}`);
    }

    const almost = `${token.slice(0, -2)}${token.at(-2) === "A" ? "B" : "A"}/`;
    for (
      const path of ["/", "/page.js", "/echo", almost, token.slice(0, -1), token.toLowerCase() + "x/", "//"]
    ) {
      assertEquals(await status(`GET ${path}`), 404, path);
    }
    const odd = [
      `${token}../../../../etc/passwd`,
      `${token}..`,
      `${token}%2e%2e/%2e%2e/etc/passwd`,
      `${token}..%2f..%2fetc/passwd`,
      `${token}item/..%5c..%5c`,
      `${token}item/%00`,
      `${token}item\\..\\..`,
      `http://127.0.0.1:${port}${token}`,
      `file:///etc/passwd`,
      "*",
    ];
    for (const path of odd) assertEquals(await status(`GET ${path}`), 400, path);
    for (const path of [`${token}/etc/passwd`, `${token}/`, `${token}item//etc/passwd`, `${token}item/1/`]) {
      assertEquals(await status(`GET ${path}`), 404, path);
    }
    assertEquals(await status(`HEAD ${token}`), 200);
    for (const method of ["PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT"]) {
      assert([0, 400, 403, 404, 405].includes(await status(`${method} ${token}`)), method);
    }
    assertEquals(await status(get), 200);
  });
});

Deno.test("web server: a body beyond the limit is refused before it is received", async () => {
  await withSite(async ({ port, address }, { token }) => {
    const post = `POST ${token}echo`;
    const huge = requestText(post, port, { "content-length": `${10 * 2 ** 30}` }, "1".repeat(5000));
    assertEquals(statusOf(await rawRequest(port, huge)), 413);
    // Of a body of unknown length, the beginning shows that it is too long.
    const chunk = `800\r\n${"1".repeat(2048)}\r\n`;
    const chunked = requestText(post, port, { "transfer-encoding": "chunked" }, chunk.repeat(40));
    assertEquals(statusOf(await rawRequest(port, chunked)), 413);
    for (const length of ["-1", "1e3", "NaN", "99999999999999999999"]) {
      const odd = requestText(post, port, { "content-length": length }, "1");
      assert([0, 400, 413].includes(statusOf(await rawRequest(port, odd))), length);
    }
    // Nobody reads the body of this one.
    const unread = requestText(`GET ${token}`, port, { "content-length": "5000000000" }, "1".repeat(5000));
    assertEquals(statusOf(await rawRequest(port, unread)), 200);
    assertEquals((await (await fetch(address)).text()).length > 0, true);
  }, { limits: { maximumBody: 65536 } });
});

Deno.test("web server: senders that ask before they send, or send all before they read, learn of a refusal", async () => {
  await withSite(async ({ port }, { token }) => {
    const asking = (length: number, body: string) =>
      rawRequest(
        port,
        requestText(
          `POST ${token}echo`,
          port,
          { expect: "100-continue", "content-length": `${length}` },
          body,
        ),
      );
    assertStringIncludes(await asking(2, "12"), "100 Continue");
    const refused = await asking(2 ** 30, "");
    assertEquals([statusOf(refused), refused.includes("100 Continue")], [413, false]);
    // Much more than the buffers of a connection hold.
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const writer = connection.writable.getWriter(), encoder = new TextEncoder();
    const length = 2 ** 25, head = requestText(`POST ${token}echo`, port, { "content-length": `${length}` });
    await writer.write(encoder.encode(head));
    for (let sent = 0; sent < length; sent += 2 ** 20) await writer.write(new Uint8Array(2 ** 20));
    const answer = await new Response(connection.readable).text();
    assertEquals(statusOf(answer), 413);
    assertStringIncludes(answer, "must have at most 65536 bytes");
    const sent = await rawRequest(port, requestText(`HEAD ${token}item/1`, port));
    assertMatch(sent, /^HTTP\/1\.1 200[^]*\r\n\r\n$/);
  }, { limits: { maximumBody: 65536 } });
});

Deno.test("web server: idle and slow connections lock nobody out, and are closed in time", async () => {
  await withSite(async ({ port, address }, { token }) => {
    const idle = await Promise.all(
      Array.from({ length: 1000 }, () => Deno.connect({ hostname: "127.0.0.1", port })),
    );
    const ended = idle.map((connection) => new Response(connection.readable).text().catch(() => ""));
    assertEquals((await (await fetch(address)).text()).length > 0, true);
    // A head and a body that never end.
    const slow = [
      rawRequest(port, `GET ${token} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nx-a: `),
      rawRequest(port, requestText(`POST ${token}echo`, port, { "content-length": "9" }, "1")),
    ];
    assertEquals((await (await fetch(address)).text()).length > 0, true);
    for (const answer of await Promise.all(slow)) assertEquals(statusOf(answer), 408, answer);
    await Promise.all(ended);
    assertEquals((await (await fetch(address)).text()).length > 0, true);
  }, { limits: { headTimeout: 300, requestTimeout: 600, maximumConnections: 20 } });
});

Deno.test("web server: it binds to loopback only, unless told otherwise", async () => {
  for (const host of ["0.0.0.0", "::", "192.0.2.1", "example.org", "127.evil.example", ""]) {
    const error = await assertRejects(() => withSite(async () => {}, { binding: { host } }), RangeError);
    assertStringIncludes(`${error}`, "Add --expose to allow this");
  }
  for (const host of ["127.0.0.1", "localhost", "::1"]) {
    await withSite(async ({ address }) => {
      assertEquals((await (await fetch(address)).text()).length > 0, true);
    }, { binding: { host } });
  }
  await withSite(async ({ port }, { token }) => {
    assertEquals((await fetch(`http://127.0.0.1:${port}${token}`)).status, 200);
    const named = requestText(`GET ${token}`, port, { host: `evil.example:${port}` });
    assertEquals(statusOf(await rawRequest(port, named)), 403);
    const error = await assertRejects(() => withSite(async () => {}, { binding: { port } }), RangeError);
    assertStringIncludes(`${error}`, `Cannot use port ${port}: another program uses it`);
  }, { binding: { host: "0.0.0.0", expose: true } });
});

Deno.test("web server: events reach every page; a slow page is disconnected, and a stopped server ends all", async () => {
  await withSite(async (server, { channel }) => {
    const connect = async () => {
      const response = await fetch(`${server.address}events`);
      assertEquals(response.headers.get("content-type"), "text/event-stream");
      return response.body!.pipeThrough(new TextDecoderStream()).getReader();
    };
    const [a, b] = [await connect(), await connect()];
    const readTo = async (reader: ReadableStreamDefaultReader<string>, end: string) => {
      let text = "";
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        text += part.value;
        if (text.endsWith(end)) break;
      }
      return text;
    };
    const hello = 'event: hello\ndata: "a\\nb"\n\n';
    for (const reader of [a, b]) assertEquals(await readTo(reader, hello), `retry: 1000\n\n${hello}`);
    assertEquals(channel.size, 2);
    channel.send("step", { n: 1 });
    for (const reader of [a, b]) {
      assertEquals(await readTo(reader, "\n\n"), 'event: step\ndata: {"n":1}\n\n');
    }
    await a.cancel();
    for (let i = 0; i < 3000 && channel.size > 0; i++) {
      channel.send("step", { n: i, text: "x".repeat(1e5) });
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    assertEquals(channel.size, 0, "a page that has gone or reads nothing is still connected");
    await assertRejects(async () => {
      for (let part = await b.read(); !part.done; part = await b.read());
    });
    const c = await connect();
    channel.close();
    await server.stop();
    assertEquals(await readTo(c, "never"), `retry: 1000\n\n${hello}`);
  });
});
