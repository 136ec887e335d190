// What lies between the browser and us in Home Assistant OS: its ingress, the Supervisor's, and the Supervisor's API as far as
// the page needs it. No Home Assistant behind it: the rooms are files.

import http from "node:http";

export const SUPERVISOR = "172.30.32.2";
export const APP = "172.30.33.7";
export const PREFIX = "/api/hassio_ingress/Zq3y0dJ3mYkTzv8Ww2";

/** Requests that the Supervisor refuses by their look. */
const SUSPECT = [/<.*script.*>/i, /\.\.\//, /\w+=\/\w/, /union.*select.*\(/i, /concat.*\(/i, /proc\/self\/environ/i];

/** Browser → Core → Supervisor → app. Tells what was asked. */
export function ingress(asked) {
  return http.createServer((request, response) => {
    asked.push({ method: request.method, url: request.url });
    if (!request.url.startsWith(`${PREFIX}/`)) {
      response.writeHead(404).end("404: Not Found");
      return;
    }
    const path = request.url.slice(PREFIX.length);
    if (SUSPECT.some((look) => look.test(decodeURIComponent(path)))) {
      response.writeHead(400).end();
      return;
    }
    const headers = { ...request.headers };
    for (const name of Object.keys(headers)) if (name.startsWith("x-remote-user") || name.startsWith("x-ingress")) delete headers[name];
    for (const name of ["accept-encoding", "connection", "keep-alive", "transfer-encoding"]) delete headers[name];
    const forward = http.request({
      host: APP, port: 8099, localAddress: SUPERVISOR, method: request.method, path,
      headers: {
        ...headers,
        host: `${APP}:8099`,
        "x-ingress-path": PREFIX,
        "x-hass-source": "core.ingress",
        "x-forwarded-for": request.socket.remoteAddress,
        "x-forwarded-host": request.headers.host,
        "x-forwarded-proto": "http",
        "x-remote-user-id": "0a1b2c",
        "x-remote-user-name": "anna",
        "x-remote-user-display-name": "Anna",
      },
    });
    forward.on("error", () => {
      if (!response.headersSent) response.writeHead(502, { "content-type": "text/plain" });
      response.end("502: Bad Gateway");
    });
    forward.on("response", (answer) => {
      const passed = { ...answer.headers };
      for (const name of ["connection", "keep-alive", "transfer-encoding"]) delete passed[name];
      if (passed["content-type"]) passed["content-type"] = passed["content-type"].split(";")[0];
      if (passed["content-type"] === "text/event-stream") passed["x-accel-buffering"] = "no";
      response.writeHead(answer.statusCode, passed);
      answer.pipe(response);
    });
    response.on("close", () => forward.destroy());
    request.pipe(forward);
  });
}

/** The Supervisor's API with these options; Home Assistant itself is never there. */
export function supervisor(options) {
  const info = { slug: "1a2b3c4d_aicleaner_v3", hostname: "1a2b3c4d-aicleaner-v3", ingress_entry: PREFIX, version: "3.0.0", options };
  const known = { "/addons/self/info": info, "/addons/self/options/config": options };
  return http.createServer((request, response) => {
    request.resume();
    const data = request.method === "GET" && known[request.url];
    const status = data ? 200 : request.url.startsWith("/core/") ? 502 : 400;
    const body = data ? { result: "ok", data } : { result: "error", message: "Service not enabled" };
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
}

/** Listens, and tells where. */
export function listening(server, port, host) {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve(server.address().port));
  });
}
