/** Tar archives, made by hand: what they claim can be anything. */
import type { Bytes } from "../readers.ts";
import { joined, text } from "./bomb.ts";

/** A member of an archive. */
export interface TarMember {
  readonly name: string;
  readonly data: Uint8Array;
  /** Type of the member; default "0", a file. */
  readonly type?: string;
  /** Bytes of the field with its size; default the truth. */
  readonly size?: string | Uint8Array;
  /** Text of the field with the checksum; default the right one. */
  readonly checksum?: string;
  /** Target of a link. */
  readonly link?: string;
}

/** Returns the header of a member. */
export function tarHeader({ name, data, type = "0", size, checksum, link = "" }: TarMember): Bytes {
  const header = new Uint8Array(512);
  const put = (value: string | Uint8Array, at: number) =>
    header.set(typeof value === "string" ? text(value) : value, at);
  put(name.slice(0, 100), 0);
  put("0000644\0", 100);
  put(size ?? `${data.length.toString(8).padStart(11, "0")}\0`, 124);
  put("00000000000\0", 136);
  put("        ", 148);
  put(`${type}`, 156);
  put(link.slice(0, 100), 157);
  put("ustar\x0000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(checksum ?? `${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

/** Returns an archive. */
export function tarFile(members: readonly TarMember[]): Bytes {
  const parts = members.flatMap((member) => [
    tarHeader(member),
    member.data,
    new Uint8Array((512 - member.data.length % 512) % 512),
  ]);
  return joined(...parts, new Uint8Array(1024));
}
