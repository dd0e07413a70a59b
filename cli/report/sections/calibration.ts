/**
 * The calibration section: reliability diagram and histogram of confidences.
 * @module
 */
import type { CalibrationBin } from "../../../semisup/mod.ts";
import { percent } from "../../terminal/figures.ts";
import { chartHtml, Plot, seriesOf, significant } from "../chart.ts";
import { type Html, html } from "../html.ts";
import type { TestResults } from "../test_results.ts";

/** A bin with at least one example; numbers in per cent. */
interface FilledBin {
  readonly from: number;
  readonly to: number;
  readonly examples: number;
  readonly accuracy: number;
  readonly confidence: number;
}

function filledBins(bins: readonly CalibrationBin[]): FilledBin[] {
  return bins.flatMap(({ examples, accuracy, confidence }, i) =>
    accuracy === null || confidence === null ? [] : [{
      from: 100 * i / bins.length,
      to: 100 * (i + 1) / bins.length,
      examples,
      accuracy: 100 * accuracy,
      confidence: 100 * confidence,
    }]
  );
}

/**
 * Returns the reliability diagram, with bars for the teacher and points for the student, and the number of
 * images per bin: of the probabilities that `predict` returns.
 */
export function calibrationHtml(
  { student, teacher, scaling }: Pick<TestResults, "student" | "teacher" | "scaling">,
  id: string,
): Html {
  const bins = filledBins(teacher.calibration);
  const [ofTeacher, ofStudent] = [teacher, student].map(({ calibrationError }) => percent(calibrationError));
  return html`<p>When a network gives its likeliest class a probability of 80 %, it should be right in 80 % of the cases. The mean
deviation from this ideal, the expected calibration error, is <b>${ofTeacher}</b> for the teacher and <b>${ofStudent}</b> for the student. ${
    scalingText(scaling)
  }</p>
<div class="charts">
${reliabilityChart(bins, filledBins(student.calibration), id)}
${countChart(bins, teacher.examples, id)}
</div>`;
}

function scalingText(scaling: TestResults["scaling"]): string {
  if (scaling === null) {
    return "The model file is not calibrated, because no labels were held out: its probabilities are those of the network.";
  }
  const { network, temperature, errorBefore } = scaling;
  return `The ${network}'s probabilities are those of predict: its logits are divided by a temperature of ${
    significant(temperature)
  }, without which its calibration error is ${
    percent(errorBefore)
  }. The temperature was fitted to these images, so on new ones the error is somewhat larger.`;
}

const wholeNumber = (value: number) => value.toLocaleString("en");

const confidence = { label: "probability of the likeliest class, %", domain: [0, 100], ticks: 6 };

function describeBin(name: string, { from, to, examples, accuracy, confidence }: FilledBin): string {
  return `${name}: ${examples} images with ${from.toFixed(0)} to ${to.toFixed(0)} %, mean ${
    confidence.toFixed(1)
  } %, ${accuracy.toFixed(1)} % right`;
}

function reliabilityChart(teacher: readonly FilledBin[], student: readonly FilledBin[], id: string): Html {
  const color = seriesOf.teacher.color;
  return chartHtml({
    id: `${id}-reliability`,
    title: "Reliability",
    description: `Accuracy by confidence. Teacher: ${
      teacher.map((bin) => describeBin("teacher", bin).replace("teacher: ", "")).join("; ")
    }.`,
    legend: [seriesOf.teacher, { ...seriesOf.student, dash: "1 5" }],
    note:
      "Bars: teacher; points: student. On the diagonal, confidence equals accuracy; below it, the network is overconfident.",
    x: confidence,
    y: { label: "accuracy, %", domain: [0, 100], grid: true, ticks: 6, tickSize: 0 },
    marks: [
      Plot.rect(teacher, {
        x1: "from",
        x2: "to",
        y1: 0,
        y2: "accuracy",
        fill: color,
        fillOpacity: 0.3,
        stroke: color,
        insetLeft: 1,
        insetRight: 1,
        title: (bin: FilledBin) => describeBin("teacher", bin),
      }),
      Plot.line([[0, 0], [100, 100]], { stroke: "currentColor", strokeDasharray: "4 4", strokeOpacity: 0.6 }),
      Plot.dot(student, {
        x: "confidence",
        y: "accuracy",
        fill: seriesOf.student.color,
        r: 4,
        title: (bin: FilledBin) => describeBin("student", bin),
      }),
    ],
  });
}

function countChart(bins: readonly FilledBin[], examples: number, id: string): Html {
  return chartHtml({
    id: `${id}-confidence`,
    title: "Confidence of the teacher",
    description: `Number of images by the probability of the likeliest class: ${
      bins.map(({ from, to, examples }) => `${examples} from ${from.toFixed(0)} to ${to.toFixed(0)} %`).join(
        ", ",
      )
    }.`,
    note: html`All ${examples} images. Square-root scale, so that small counts stay visible.`,
    x: confidence,
    y: {
      label: "images",
      type: "sqrt",
      zero: true,
      ticks: 5,
      tickSize: 0,
      tickFormat: wholeNumber,
      grid: true,
    },
    marks: [
      Plot.rect(bins, {
        x1: "from",
        x2: "to",
        y1: 0,
        y2: "examples",
        fill: seriesOf.teacher.color,
        insetLeft: 1,
        insetRight: 1,
        title: (bin: FilledBin) => describeBin("teacher", bin),
      }),
      Plot.text(bins, {
        x: (bin: FilledBin) => (bin.from + bin.to) / 2,
        y: "examples",
        text: "examples",
        dy: -7,
      }),
      Plot.ruleY([0]),
    ],
  });
}
