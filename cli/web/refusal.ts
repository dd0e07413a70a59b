/**
 * Refusals of requests.
 * @module
 */

/** Thrown to refuse a request with a status of HTTP and a reason for its sender. */
export class Refusal extends Error {
  override readonly name: string = "Refusal";

  /**
   * @param status Status of HTTP, from 400.
   * @param message Reason and remedy, for the sender.
   * @param headers More headers of the response.
   */
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}
