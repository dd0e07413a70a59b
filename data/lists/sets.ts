/** Names of sets in label lists, such as train and test. */

/** Name of a set. */
export type SetName = "train" | "val" | "test" | "unlabeled";

const WORDS: Readonly<Record<SetName, readonly string[]>> = {
  train: words(
    "train training trainval trn labeled labelled",
    "trainings trainingsdaten trainingsbilder entraînement apprentissage entrenamiento treino treinamento",
    "addestramento trening обучение обучающая тренировочная 训练 训练集 訓練 訓練集 学習 学習用 학습 훈련",
  ),
  val: words(
    "val valid validation validate dev development eval evaluation publictest",
    "validierung validierungsdaten validierungsbilder validación validação validazione validatie walidacja",
    "валидация валидационная 验证 验证集 驗證 驗證集 検証 検証用 검증",
  ),
  test: words(
    "test testing tst holdout heldout privatetest",
    "testdaten testbilder prueba pruebas teste testes prova тест тестовая 测试 测试集 測試 測試集 テスト テスト用 테스트",
  ),
  unlabeled: words(
    "unlabeled unlabelled unsup unsupervised unannotated untagged unsorted todo nolabel nolabels withoutlabel",
    "withoutlabels notlabeled notlabelled tolabel tosort ungelabelt unbeschriftet unsortiert ohnelabel",
    "sansétiquette nonétiqueté nonétiquetées sinetiqueta sinetiquetar sinetiquetas semrótulo senzaetichetta",
    "безметок неразмеченные 未标注 未标记 無標籤 無標註 ラベルなし 라벨없음",
  ),
};

function words(...lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split(" ")).map(plainWord);
}

/** Returns a word in lower case without accents, spaces and the like. */
function plainWord(word: string): string {
  return word.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase().replaceAll(/[\s_.-]/g, "");
}
/** Maximum number of characters of a word that names a set. */
const LONGEST_WORD = 100;
const SETS = new Map(
  (Object.keys(WORDS) as SetName[]).flatMap((set) => WORDS[set].map((word) => [word, set] as const)),
);

/**
 * Returns the set that a word of one of several languages means, in any case and with `set`, `data` or a number
 * appended: `Validation`, `test_set`, `train2017`. Returns undefined for other words.
 */
export function findSetName(word: string): SetName | undefined {
  // The pattern below takes quadratic time, and cells may have a million characters.
  if (word.length > LONGEST_WORD) return undefined;
  const plain = plainWord(word);
  return SETS.get(plain) ?? SETS.get(plain.replace(/(set|data|images|split)?\d*$/, ""));
}
