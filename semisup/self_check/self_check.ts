/**
 * The self-check: judges the measurements of a run and keeps the warnings in force.
 * @module
 */
import type { Measurements } from "./measurements.ts";
import { scheduleOf } from "../schedule.ts";
import { type Rule, rules, type SelfCheckSettings, type Situation, type WarningCode } from "./rules.ts";

/** A fault that keeps the method from working, with advice. */
export interface Warning {
  /** Code of the fault, for programs. */
  readonly code: WarningCode;
  /** Observation, its consequence, and advice, for people. */
  readonly message: string;
}

/** Judges one measurement after another, and keeps warnings until their fault is seen to end. */
export class SelfCheck {
  readonly #settings: Required<SelfCheckSettings> & Pick<Situation, "nameOf">;
  readonly #active = new Map<WarningCode, string>();
  #previous: Measurements | undefined;

  /** Starts without warnings. */
  constructor({ nameOf = (option) => option, ...settings }: SelfCheckSettings) {
    this.#settings = { ...settings, nameOf };
  }

  /** Judges new measurements. @returns the warnings in force, in the order of the rules. */
  check(now: Measurements): Warning[] {
    const { options, stepsPerEpoch } = this.#settings;
    const firstWeight = scheduleOf(options, now.step - now.steps, stepsPerEpoch).consistencyWeight;
    const situation: Situation = { ...this.#settings, now, previous: this.#previous, firstWeight };
    const entries = Object.entries(rules) as [WarningCode, Rule][];
    for (const [code, rule] of entries) {
      const verdict = rule.appliesTo(options) ? rule.judge(situation) : false;
      if (verdict === false) this.#active.delete(code);
      else if (verdict !== undefined) this.#active.set(code, verdict);
    }
    this.#previous = now;
    return entries.flatMap(([code]) => {
      const message = this.#active.get(code);
      return message === undefined ? [] : [{ code, message }];
    });
  }
}
