/**
 * Permissions of Deno that commands need.
 * @module
 */

/** Permissions by name: true if always needed, or the circumstance, such as "for pictures". */
export type Permissions = {
  readonly [K in "read" | "write" | "env" | "sys" | "ffi" | "net" | "run"]?: true | string;
};

/** Returns the flags of permissions, such as `--allow-read --allow-env; --allow-ffi for pictures`. */
export function permissionFlags(permissions: Permissions): string {
  const entries = Object.entries(permissions);
  const always = entries.filter(([, when]) => when === true).map(([name]) => `--allow-${name}`).join(" ");
  const others = entries.flatMap(([name, when]) => when === true ? [] : [`--allow-${name} ${when}`]);
  return [always, others.join(", ")].filter((part) => part !== "").join("; ");
}

/**
 * Adds the permissions that a command needs to a message about a missing one; other messages stay.
 * @param message Message of an error, perhaps of Deno itself.
 */
export function withPermissions(message: string, name: string, permissions: Permissions): string {
  if (!/--allow-[a-z]+/.test(message)) return message;
  return `${message.replace(/\.$/, "")}. The command ${name} needs ${permissionFlags(permissions)}.`;
}
