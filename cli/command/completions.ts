/**
 * Completion scripts for shells: commands, their options, and the choices of options.
 * @module
 */
import { flagOf } from "./options.ts";
import type { CommandLine } from "./parse.ts";
import { helpOf, type Row } from "./rows.ts";

/** Shells that scripts can be made for. */
export const shells = ["bash", "zsh", "fish"] as const;

/** Names of the commands with their summaries. */
type Summaries = readonly (readonly [name: string, summary: string])[];

/** A flag that can be completed. */
interface Completed {
  readonly flag: string;
  readonly help: string;
  /** Possible values; `null` for files, `undefined` for a flag without value. */
  readonly values: readonly string[] | null | undefined;
  readonly isList: boolean;
}

/** Returns the script that completes `mean-teacher` in a shell. */
export function completionScript(
  shell: (typeof shells)[number],
  lines: readonly CommandLine[],
  summaries: Summaries,
): string {
  const commands: Summaries = [...summaries, ["completions", "print completions for a shell"]];
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](lines, commands);
}

function completedOf({ rows }: CommandLine): Completed[] {
  const own = Object.entries(rows).flatMap(([option, row]): Completed[] => {
    const flag = flagOf(option), no = flag.replace("--", "--no-");
    const isList = row.kind === "list";
    const self = { flag, help: row.help, values: valuesOf(row), isList };
    if (row.kind === "switch") {
      return [{ ...self, flag: row.default ? no : flag, help: helpOf(row) }];
    }
    return row.kind === "path" && row.off !== undefined
      ? [self, { flag: no, help: row.off, values: undefined, isList: false }]
      : [self];
  });
  return [...own, { flag: "--help", help: "show help", values: ["all"], isList: false }];
}

function valuesOf(row: Row): readonly string[] | null | undefined {
  switch (row.kind) {
    case "switch":
      return undefined;
    case "choice":
      return row.choices;
    case "name":
      return row.names;
    case "list":
      return valuesOf(row.of);
    case "path":
      return null;
    default:
      return [];
  }
}

/** Returns the patterns and branches of the script for bash: values, files and flags by command. */
function bashCases(lines: readonly CommandLine[]) {
  const cases = lines.flatMap((line) =>
    completedOf(line).flatMap(({ flag, values }) =>
      values === undefined || values === null
        ? []
        : [`    ${line.name}:${flag}) COMPREPLY=($(compgen -W '${values.join(" ")}' -- "$last")) ;;`]
    )
  );
  const files = lines.flatMap((line) =>
    completedOf(line).filter(({ values }) => values === null).map(({ flag }) => `${line.name}:${flag}`)
  );
  const flags = lines.map((line) =>
    `    ${line.name}) flags='${completedOf(line).map(({ flag }) => flag).join(" ")}' ;;`
  );
  return { cases: cases.join("\n"), files: files.join(" | "), flags: flags.join("\n") };
}

function bashScript(lines: readonly CommandLine[], commands: Summaries): string {
  const { cases, files, flags } = bashCases(lines);
  return `# Completions of mean-teacher for bash: source <(mean-teacher completions bash)
_mean_teacher() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]} flags=
  COMPREPLY=()
  if [ "$COMP_CWORD" = 1 ]; then
    COMPREPLY=($(compgen -W '${commands.map(([name]) => name).join(" ")} --help --version' -- "$word"))
    return
  fi
  # bash breaks words at "=".
  if [ "$word" = = ]; then word=; elif [ "$before" = = ]; then before=\${COMP_WORDS[COMP_CWORD-2]}; fi
  local last=\${word##*,}
  case $command:$before in
    ${files}) COMPREPLY=($(compgen -f -- "$last")) ;;
${cases}
    completions:*) COMPREPLY=($(compgen -W '${shells.join(" ")}' -- "$word")); return ;;
  esac
  if [ \${#COMPREPLY[@]} -gt 0 ] && [ "$word" != "$last" ]; then
    COMPREPLY=("\${COMPREPLY[@]/#/\${word%,*},}")
  fi
  [ \${#COMPREPLY[@]} = 0 ] || return
  case $command in
${flags}
  esac
  case $word in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}
complete -o filenames -F _mean_teacher mean-teacher`;
}

/** Returns a text between single quotes. */
function inQuotes(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function zshScript(lines: readonly CommandLine[], commands: Summaries): string {
  const escaped = (text: string) => text.replace(/[\\:[\]]/g, "\\$&");
  const specOf = ({ flag, help, values, isList }: Completed) => {
    const meaning = `${flag}${values === undefined ? "" : "="}[${escaped(help)}]`;
    if (values === undefined) return inQuotes(meaning);
    if (values === null) return inQuotes(`${meaning}:file:_files`);
    const words = values.join(" ");
    return inQuotes(`${meaning}:value:${isList ? `_values -s , value ${words}` : `(${words})`}`);
  };
  const cases = lines.map((line) => {
    const specs = completedOf(line).map((each) => `        ${specOf(each)} \\`);
    return `    ${line.name})\n      _arguments \\\n${specs.join("\n")}\n        '*:file:_files' ;;`;
  });
  return `#compdef mean-teacher
# Completions of mean-teacher for zsh: source <(mean-teacher completions zsh)
_mean_teacher() {
  local -a commands=(
${commands.map(([name, summary]) => `    ${inQuotes(`${name}:${escaped(summary)}`)}`).join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join("\n")}
    completions) _values shell ${shells.join(" ")} ;;
  esac
}
compdef _mean_teacher mean-teacher`;
}

function fishScript(lines: readonly CommandLine[], commands: Summaries): string {
  const quoted = (text: string) => `'${text.replace(/[\\']/g, "\\$&")}'`;
  const start = "complete -c mean-teacher";
  const names = commands.map(([name, summary]) =>
    `${start} -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`
  );
  const options = lines.flatMap((line) =>
    completedOf(line).map(({ flag, help, values }) => {
      const value = values === undefined
        ? ""
        : values === null
        ? " -r"
        : ` -x${values.length > 0 ? ` -a ${quoted(values.join(" "))}` : ""}`;
      return `${start} -n '__fish_seen_subcommand_from ${line.name}' -l ${flag.slice(2)}${value} -d ${
        quoted(help)
      }`;
    })
  );
  return [
    "# Completions of mean-teacher for fish: mean-teacher completions fish | source",
    ...names,
    `${start} -n '__fish_seen_subcommand_from completions' -f -a ${quoted(shells.join(" "))}`,
    ...options,
  ].join("\n");
}
