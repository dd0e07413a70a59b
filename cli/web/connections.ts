/**
 * A limit on connections.
 * @module
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * Limits the connections of a server: beyond the maximum, the one that has been idle longest is closed, so that
 * connections without requests lock nobody out. If all are in use, the new one is closed.
 */
export function limitConnections(server: Server, maximum: number): void {
  const open = new Set<Socket>(), idle = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    idle.add(socket);
    socket.once("close", () => {
      open.delete(socket);
      idle.delete(socket);
    });
    if (open.size <= maximum) return;
    const [oldest = socket] = idle;
    open.delete(oldest);
    idle.delete(oldest);
    oldest.destroy();
  });
  const note = ({ socket }: IncomingMessage, response: ServerResponse) => {
    idle.delete(socket);
    response.once("close", () => {
      if (open.has(socket)) idle.add(socket);
    });
  };
  for (const event of ["request", "checkContinue"]) server.on(event, note);
}
