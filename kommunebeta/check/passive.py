"""Whether a Norwegian sentence hides who does what.

Two forms are counted: the passive with -s (``behandles``, in Nynorsk ``skal behandlast``) and that with
``bli`` or ``verte`` and a participle (``ble vedtatt``). Verbs that end in -s and are no passive, such as
``finnes`` and ``trives``, are left out, and so are genitives such as ``elevenes``. Endings are all that is
known here, so one sentence alone should never be told of.
"""

from __future__ import annotations

import re


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NO_PASSIVE = _names(
    "finnes fins synes lykkes mislykkes møtes trives vantrives kjennes skyldes minnes undres ferdes lengtes "
    "eldes blygdes slåss enes skilles sees ses kysses krangles behøves trenges angres høres føles tykkes "
    "alles begges deres hennes vores annerledes særdeles aldeles alldeles fremdeles framdeles således "
    "likeledes sammesteds felles indres ytres barnes menneskes folkes diabetes herpes series miles lukkast "
    "finnast møtast synast trivast kjennast minnast ferdast einast semjast høyrast hugsast skuldast leitast "
    "mast last kast hast fast mest gast ballast kontrast podkast podcast"
)
_VERB_IN_NES = _names(
    "åpnes regnes beregnes tegnes dannes ordnes vannes lånes tjenes fortjenes kunngjøres anerkjennes "
    "godkjennes utnevnes nevnes gjenåpnes utlånes renes skannes planes trenes rengjøres begrunnes grunnes "
    "brennes bestemmes oppnevnes utdannes innlemmes bekjennes kjennetegnes betegnes egnes forsynes betjenes"
)
_PEOPLE = _names(
    "innbygger lærer bruker velger leser eier arbeider politiker søker leder utbygger grunneier fisker "
    "forsker kunstner utøver hjelper leier utleier kjøper selger deltaker"
)
"""People whose genitive in the plural, ``innbyggeres``, looks like a verb."""
_ADJECTIVES = _names(
    "stort godt langt kort hardt nytt lett tett rett slutt fritt trygt glatt kaldt varmt kjent enkelt åpent "
    "mørkt lyst grønt fint fullt tomt dyrt raskt sterkt svakt annet det et litt slikt vilt tett rødt blått "
    "hvitt svart gratis verdt sunt friskt fast utsatt ferdig ansvarlig interessert opptatt engasjert glad "
    "bra betre bedre verre mindre storm stilt stille forelsket berømt skuffet bekymret overrasket begeistret "
    "trøtt mett redd født anna meir noka ei denne desse både inga ingenting "
)
_ADVERBS = r"(?:ikke|ikkje|også|òg|nå|no|da|då|så|ofte|alltid|først|deretter|snart|senere|seinare|allerede)"
_S_FORM = re.compile(r"\b[a-zæøå]+(?:es|[aåi]s)\b")
_AFTER_MODAL = re.compile(
    r"\b(?:skal|skulle|må|måtte|kan|kunne|vil|ville|bør|burde|å)\s+(?:[a-zæøå]+\s+){0,2}?"
    r"([a-zæøå]{2,}(?:es|[aåi]s|ast))\b"
)
_BECOMES = re.compile(
    rf"\b(?:bli|blir|ble|blei|blitt|verte|vert|vart|vorte)\s+(?:{_ADVERBS}\s+)?"
    r"([a-zæøå]{2,}(?:et|t|dd|gd|vd)|[a-zæøå]*(?:teke|skrive|gjeve|funne|halde|drive|bestemt))\b"
)
_MAY_BE = re.compile(r"(?:es|[aåi]s|ast)\b|\b(?:bl[ie]|vert|vart|vorte)")
"""What every passive has; most sentences do not, and need no closer look."""
_INVERTED = re.compile(r"^(?:blir|ble|blei|vert|vart)\s+\w+")
"""A sentence that begins with the verb goes on with what it is about: «Blir tallet dårlig, …»."""
_PARTICIPLE_IN_A = re.compile(rf"\b(?:vert|vart|vorte|blir|blei)\s+(?:{_ADVERBS}\s+)?([a-zæøå]{{3,}}a)\b")


def is_passive(sentence: str, lang: str) -> bool:
    """Whether a sentence has a passive in it.

    Args:
        sentence: the sentence.
        lang: ``nb`` or ``nn``.
    """
    rest = sentence[:1].lower() + sentence[1:]
    if not _MAY_BE.search(rest):
        return False
    if any(found[1] not in _NO_PASSIVE for found in _AFTER_MODAL.finditer(rest)):
        return True
    if lang == "nb" and any(_is_s_passive(found[0]) for found in _S_FORM.finditer(rest)):
        return True
    rest = _INVERTED.sub("", rest)
    patterns = (_BECOMES, _PARTICIPLE_IN_A) if lang == "nn" else (_BECOMES,)
    return any(
        found[1] not in _ADJECTIVES and not found[1].endswith("åpent")
        for pattern in patterns
        for found in pattern.finditer(rest)
    )


def _is_s_passive(word: str) -> bool:
    """Whether a word of Bokmål with -s is a verb in the passive."""
    if word in _NO_PASSIVE or word.endswith(("ernes", "isenes")) or word[:-2] in _PEOPLE:
        return False
    if word.endswith("nes"):
        return word in _VERB_IN_NES
    if word.endswith("es"):
        return len(word) > 4 and not word.endswith(("ees", "ies", "heres"))
    return word in _SHORT


_SHORT = _names("tas vedtas fås nås gis ses gås utgis oppgis inntas opptas mottas foretas overtas gjentas")
