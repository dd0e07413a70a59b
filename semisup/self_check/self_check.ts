/**
 * Judges what is observed of a run: whether the method is at work, and what to change where it is not.
 * @module
 */
import type { Observed } from "./observed.ts";
import { scheduleOf } from "../schedule.ts";
import { type Rule, rules, type SelfCheckSettings, type Situation, type WarningCode } from "./rules.ts";

/** Something that keeps the method from working, and what to change. */
export interface Warning {
  /** What it is, for programs. */
  readonly code: WarningCode;
  /** What it is, and what to change, for people. */
  readonly message: string;
}

/** Judges look after look, and keeps what stands. */
export class SelfCheck {
  readonly #settings: Required<SelfCheckSettings> & Pick<Situation, "nameOf">;
  readonly #standing = new Map<WarningCode, string>();
  #former: Observed | undefined;

  /** A check that has seen nothing. */
  constructor({ nameOf = (option) => option, ...settings }: SelfCheckSettings) {
    this.#settings = { ...settings, nameOf };
  }

  /** Judges a look. @returns what stands, in the order of the rules. */
  check(now: Observed): Warning[] {
    const { options, stepsPerEpoch } = this.#settings;
    const firstWeight = scheduleOf(options, now.step - now.steps, stepsPerEpoch).consistencyWeight;
    const situation: Situation = { ...this.#settings, now, former: this.#former, firstWeight };
    const entries = Object.entries(rules) as [WarningCode, Rule][];
    for (const [code, rule] of entries) {
      const verdict = rule.isAbout(options) ? rule.judge(situation) : false;
      if (verdict === false) this.#standing.delete(code);
      else if (verdict !== undefined) this.#standing.set(code, verdict);
    }
    this.#former = now;
    return entries.flatMap(([code]) => {
      const message = this.#standing.get(code);
      return message === undefined ? [] : [{ code, message }];
    });
  }
}
