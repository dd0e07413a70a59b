/** Usual names of the columns of label lists, in several languages. */

import type { SetName } from "./sets.ts";

/** Names of columns of files, the likeliest first. */
export const FILE_COLUMNS = names(
  "file filename file_name image image_name imagename image_file image_path img path filepath file_path name id",
  "image_id url image_url picture photo",
  "datei dateiname bild bilddatei pfad fichier nom_de_fichier archivo nombre_de_archivo fichero imagen ruta",
  "arquivo ficheiro imagem caminho immagine percorso bestand bestandsnaam afbeelding файл изображение путь",
  "文件 文件名 图片 图像 路径 檔案 檔名 圖片 ファイル ファイル名 画像 パス 파일 파일명 이미지",
);

/** Names of columns of labels, the likeliest first. */
export const LABEL_COLUMNS = names(
  "label labels class class_name classname category target y choice",
  "klasse kategorie etikett étiquette etiquette classe catégorie etiqueta clase categoría rótulo categoria",
  "etichetta метка класс категория 标签 标注 类别 標籤 類別 ラベル クラス 라벨 레이블 클래스",
);

/** Names of columns with the names of labels that another column numbers. */
export const LABEL_NAME_COLUMNS = names(
  "class_name classname label_name labelname label_text category_name categoryname target_name class_label",
);

/** Names of columns of sets. */
export const SET_COLUMNS = names(
  "split subset set fold partition data_split dataset_split data_set usage phase",
);

/** Names of columns that tell one set from the others, with that set. */
export const FLAG_COLUMNS: ReadonlyMap<string, SetName> = new Map([
  ["is_train", "train"],
  ["is_training", "train"],
  ["is_val", "val"],
  ["is_valid", "val"],
  ["is_validation", "val"],
  ["is_test", "test"],
]);

function names(...lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => line.split(" ")).map(normalizeColumn);
}

/** Returns a column's name in lower case, without accents, with `_` for spaces and hyphens. */
export function normalizeColumn(cell: string): string {
  return cell.trim().normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase().replaceAll(/[\s-]+/g, "_");
}
