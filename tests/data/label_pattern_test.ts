/** Labels in names of files: patterns, and the proposal of a pattern for names that look like classes. */
import { captureClasses } from "../../data/files/mod.ts";
import { readNameLabels } from "../../data/files/names/label_pattern.ts";
import { findNameClasses, listNameClasses, optionFor } from "../../data/files/names/name_classes.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../assert.ts";

/** Names with a number in place of each `#`, from 1 on. */
function numbered(count: number, ...shapes: string[]): string[] {
  return shapes.flatMap((shape) => Array.from({ length: count }, (_, i) => shape.replace("#", `${i + 1}`)));
}

Deno.test("label pattern: the group label, otherwise the first one, captures the class", () => {
  const names = ["train/cat.0.jpg", "train/guinea pig.1.jpg", "test1/1.jpg", "25_0_2_2017.jpg"];
  assertEquals(captureClasses(names, "([a-z ]+)\\.\\d"), ["cat", "guinea pig", "", ""]);
  assertEquals(captureClasses(names, "(\\d+)_(?<label>\\d)_"), ["", "", "", "0"]);
  assertEquals(captureClasses(names, "^(?:train/(?<label>c.t)|test1/)"), ["cat", "", "", ""]);
  assertEquals(captureClasses(["a/ cat _1.jpg"], "a/([^_]*)_"), ["cat"]);
  const mouse = "Mäuse_1.png";
  assertEquals(captureClasses([mouse.normalize("NFC"), mouse.normalize("NFD")], "(\\p{L}+)_"), [
    "Mäuse",
    "Mäuse",
  ]);
  assertEquals(captureClasses([mouse.normalize("NFC")], "(Mä)use".normalize("NFD")), ["Mä"]);
});

Deno.test("label pattern: malformed, useless and endless patterns are rejected", () => {
  const refuses = (names: readonly string[], pattern: string, message: string, timeLimit?: number) => {
    const error = assertThrows(() => readNameLabels(names, pattern, { timeLimit }), RangeError);
    assertStringIncludes(error.message, `Cannot use --label-pattern ${pattern}: ${message}`);
  };
  const names = numbered(12, "rose-#.png");
  refuses(names, "([a-z", "it is not a regular expression of JavaScript (Unterminated character class)");
  refuses(names, "(?P<label>a)", "it is not a regular expression of JavaScript (Invalid group). JavaScript");
  refuses(names, "(?:a)", "it needs a group in parentheses");
  refuses(
    names,
    "(x)y",
    "it matches none of 12 names, such as rose-1.png, rose-2.png, rose-3.png and 9 more",
  );
  refuses(names, "()", "it matches none of 12 names");
  refuses(names, "(.*)", 'it captures another class in each name, "rose-1.png" in rose-1.png');
  refuses([`${"a".repeat(40)}.png`], "^(a+)+\\d", "matching 1 name takes longer than 0.05 seconds", 50);
});

/** Names, and the classes that are proposed for them; undefined = none. */
const proposals: readonly (readonly [names: readonly string[], classes: string | undefined])[] = [
  [[...numbered(3, "train/cat.#.jpg", "train/dog.#.jpg"), ...numbered(4, "test1/#.jpg")], "cat (3), dog (3)"],
  [
    numbered(3, "Abyssinian_#.jpg", "great_pyrenees_#.jpg", "yorkshire_terrier_#.jpg"),
    "Abyssinian (3), great_pyrenees (3), yorkshire_terrier (3)",
  ],
  [numbered(2, "rose-00#.png", "tulip-00#.png"), "rose (2), tulip (2)"],
  [numbered(2, "cat_#_7.png", "dog_#_8.png"), "cat (2), dog (2)"],
  [numbered(2, "type_1_00#.png", "type_2_00#.png"), "type_1 (2), type_2 (2)"],
  [numbered(2, "cat (#).jpg", "guinea pig (#).jpg"), "cat (2), guinea pig (2)"],
  [numbered(2, "cat#.jpg", "dog#.jpg"), "cat (2), dog (2)"],
  [numbered(2, "0#_label3.png", "0#_label12.png"), "label12 (2), label3 (2)"],
  [numbered(2, "2021-05-0#_cat.png", "2021-06-0#_dog.png"), "cat (2), dog (2)"],
  [numbered(3, "3_0000#.png", "10_0000#.png"), "3 (3), 10 (3)"],
  [numbered(3, "0000#_3.png", "0000#_10.png"), "3 (3), 10 (3)"],
  [numbered(2, "кот_#.png", "süße Maus_#.png".normalize("NFD")), "süße Maus (2), кот (2)"],
  [numbered(2, "it's_#.png", "$HOME_#.png"), "$HOME (2), it's (2)"],
  [numbered(2, "car_#.png", "ship_#.png", "train_#.png"), "car (2), ship (2), train (2)"],
  [numbered(2, "cat_#.png", "dog_#.png", "unlabeled_#.png"), "cat (2), dog (2)"],
  [
    numbered(2, "a#.png", "b#.png", "c#.png", "d#.png", "e#.png", "f#.png"),
    "a (2), b (2), c (2), d (2), e (2) and 1 more",
  ],
  [numbered(9, "#.jpg"), undefined],
  [numbered(9, "IMG_000#.JPG", "DSC_000#.JPG", "DSCN000#.JPG", "P101000#.JPG"), undefined],
  [numbered(9, "PXL_2021050#_120000.jpg", "IMG-2021050#-WA0001.jpg"), undefined],
  [numbered(9, "Screenshot 2021-05-0#.png", "Bildschirmfoto #.png"), undefined],
  [numbered(9, "photo#.jpg", "image_#.jpg", "frame_00#.jpg"), undefined],
  [numbered(9, "2021-05-0#.jpg", "2021-06-0#.jpg", "20210507_12000#.jpg"), undefined],
  [numbered(9, "train_#.jpg", "test_#.jpg"), undefined],
  [numbered(9, "cat_#.jpg"), undefined],
  [["holiday_1.jpg", "beach_1.jpg", "sunset_1.jpg", "city_1.jpg", "city_2.jpg"], undefined],
  [numbered(9, "25_#_2_20170116.jpg"), undefined],
  [[...numbered(2, "cat_#.jpg", "dog_#.jpg"), ...numbered(9, "holiday in #x.jpg")], undefined],
  [[], undefined],
];

Deno.test("names: a pattern is proposed for names that look like classes, and captures what it promises", () => {
  for (const [names, classes] of proposals) {
    const found = findNameClasses(names);
    assertEquals(found && listNameClasses(found), classes, `of ${names[0]}`);
    if (!found) continue;
    const captured = captureClasses(names, found.pattern);
    for (const [className, count] of found.counts) {
      assertEquals(captured.filter((each) => each === className).length, count, className);
    }
    assert(!/['"!%`]/.test(found.pattern), "it can be quoted for any shell");
    assertStringIncludes(optionFor(found), `${found.pattern}`);
  }
});
