import {inBothLanguages} from "../../i18n";
import {english} from "./texts_en";
import {japanese} from "./texts_ja";

export const texts = inBothLanguages(english, japanese);
