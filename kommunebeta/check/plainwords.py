"""Stiff words of letters from the authorities, each with words that people use.

A choice of our own in the spirit of Språkrådet's guide «Kansellisten» (2009), and of the guides for public
services in English. It is advice, no list of forbidden words: a term of the law may be right where the law is
meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

_BOKMAL = {
    "adekvat|adekvate": "god nok",
    "angjeldende": "denne",
    "angående": "om",
    "anmode|anmoder|anmodes|anmodet|anmodning|anmodninger|anmodningen": "be om",
    "avholde|avholder|avholdes|avholdt": "holde",
    "avstedkomme|avstedkommer": "føre til",
    "bekjentgjøre|bekjentgjøres|bekjentgjort": "gjøre kjent",
    "beror på": "kommer an på",
    "besørge|besørger|besørges|besørget": "ordne",
    "bevirke|bevirker|bevirket": "føre til",
    "dags dato": "i dag",
    "effektuere|effektueres|effektuert": "gjøre",
    "erverve|erverver|erverves|ervervet|ervervelse": "skaffe",
    "foranledige|foranlediger|foranlediget|foranledning": "grunn",
    "fordre|fordrer|fordres": "kreve",
    "forefinnes|forefinner": "finnes",
    "foreligge|foreligger|forelå|foreliggende": "er, finnes",
    "fremkomme|fremkommer|fremkom|fremkommet|framkommer|framkommet": "står, går fram",
    "fremsette|fremsettes|fremsatt|framsettes": "komme med",
    "gjenstand for": "(skriv hva som skal skje)",
    "hensynta|hensyntar|hensyntas|hensyntatt": "ta hensyn til",
    "herunder": "blant annet",
    "hva angår|hva gjelder": "når det gjelder",
    "hvorvidt": "om",
    "i den utstrekning": "så langt",
    "i henhold til|iht": "etter",
    "i medhold av": "etter",
    "i overensstemmelse med": "slik",
    "igangsette|igangsetter|igangsettes|igangsatt|igangsetting|igangsettelse": "sette i gang",
    "implementere|implementerer|implementeres|implementert|implementering": "ta i bruk",
    "inneha|innehar": "ha",
    "iverksette|iverksetter|iverksettes|iverksatt|iverksetting|iverksettelse": "sette i gang",
    "med hensyn til|mht": "når det gjelder",
    "meddele|meddeler|meddeles|meddelt|meddelelse": "si fra",
    "nærværende": "denne",
    "oppebære|oppebærer": "få",
    "ovennevnte|ovenfornevnte|ovenstående": "dette",
    "på nåværende tidspunkt|på det nåværende tidspunkt": "nå",
    "påse|påser": "passe på",
    "såfremt": "hvis",
    "således": "slik",
    "tilveiebringe|tilveiebringes|tilveiebrakt": "skaffe",
    "uaktet": "selv om",
    "underrette|underrettes|underrettet|underretning": "gi beskjed",
    "undertegnede": "jeg",
    "utferdige|utferdiges|utferdiget": "lage",
    "vedrørende|vedr": "om",
}
_NYNORSK = {
    "adekvat|adekvate": "god nok",
    "anmode|anmodar|anmoda|anmoding": "be om",
    "avhalde|avheld|avhaldast": "halde",
    "bekjentgjere|bekjentgjerast|bekjentgjort": "gjere kjent",
    "dags dato": "i dag",
    "effektuere|effektuert": "gjere",
    "foranledning": "grunn",
    "forefinnast|førefinst": "finst",
    "føreligg|føreliggje|føreliggjande|føreligge": "er, finst",
    "framkjem|framkome|framkomme": "står, går fram",
    "gjenstand for": "(skriv kva som skal skje)",
    "hensynta|hensyntatt|omsynsteke": "ta omsyn til",
    "herunder": "mellom anna",
    "i den utstrekning|i den utstrekninga": "så langt",
    "i høve til": "etter",
    "i medhald av|i henhald til|iht": "etter",
    "igangsetje|igangsette|igangset|igangsett|igangsetjing|igangsetting": "setje i gang",
    "implementere|implementerer|implementerast|implementert|implementering": "ta i bruk",
    "inneha|innehar": "ha",
    "iverksetje|iverksette|iverkset|iverksett|iverksetjast|iverksettast|iverksetjing": "setje i gang",
    "kva angår": "når det gjeld",
    "kvarvidt|korvidt": "om",
    "med omsyn til|mht": "når det gjeld",
    "meddele|meddeler|meddelast|meddelt": "seie frå",
    "nærverande": "denne",
    "ovannemnde|ovannemnd|ovanståande": "dette",
    "på noverande tidspunkt|på det noverande tidspunktet": "no",
    "påsjå|påser": "passe på",
    "såframt": "dersom",
    "således": "slik",
    "tilvegebringe|tilvegebringast": "skaffe",
    "underretting": "melding",
    "underteikna": "eg",
    "vedrørande|vedr": "om",
}
_ENGLISH = {
    "aforementioned|abovementioned|above-mentioned": "this",
    "commence|commences|commenced|commencement": "begin",
    "endeavour|endeavours": "try",
    "hereby|herein|hereinafter|thereof|therein": "(leave it out)",
    "in accordance with|pursuant to": "under",
    "in respect of|with regard to|with respect to|pertaining to": "about",
    "in the event that|in the event of": "if",
    "notwithstanding": "despite",
    "prior to": "before",
    "subsequent to": "after",
    "utilise|utilises|utilised|utilize|utilizes|utilized": "use",
}
_BY_LANGUAGE: Mapping[str, Mapping[str, str]] = {"nb": _BOKMAL, "nn": _NYNORSK, "en": _ENGLISH}


@lru_cache(maxsize=8)
def stiff_words(lang: str) -> re.Pattern[str] | None:
    """What finds stiff words in a text in lower case; None for a language that has no list.

    Args:
        lang: ``nb``, ``nn`` or ``en``.
    """
    words = [word for key in _BY_LANGUAGE.get(lang, {}) for word in key.split("|")]
    if not words:
        return None
    alternatives = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{alternatives})(?![\w-])")


def stiff_in(text: str, lang: str) -> list[str]:
    """The stiff words and phrases that a text may hold, some of them as parts of others.

    Args:
        text: in lower case.
        lang: ``nb``, ``nn`` or ``en``.
    """
    return [word for word in _plainer(lang) if word in text]


def plainer(lang: str, word: str) -> str:
    """What may stand instead of a stiff word."""
    return _plainer(lang)[word]


@lru_cache(maxsize=8)
def _plainer(lang: str) -> Mapping[str, str]:
    return {word: plain for key, plain in _BY_LANGUAGE.get(lang, {}).items() for word in key.split("|")}
