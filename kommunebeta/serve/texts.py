"""The words of the preview's own bar and overlay, in the languages of the interface.

The Northern Sámi texts await a speaker's review.
"""

from __future__ import annotations

from collections.abc import Mapping

from kommunebeta.language import base_language

_TEXTS: Mapping[str, Mapping[str, str]] = {
    "nb": {
        "bar": "Forhåndsvisning",
        "draft": "Kladd",
        "scheduled": "Ikke publisert ennå",
        "words": "ord",
        "minutes": "min å lese",
        "source": "Kildefil",
        "copy": "Kopier filnavnet",
        "copied": "Kopiert",
        "hide": "Skjul",
        "show": "Vis",
        "problems": "Dette må rettes før siden kan vises på nytt",
        "kept": "Du ser den siste versjonen uten feil.",
        "warnings": "Merknader",
        "more": "… og {} til. «kommunebeta check» viser alle.",
        "close": "Lukk",
        "lost": "Forhåndsvisningen er stoppet.",
        "nothing": "Det finnes ingen side å vise ennå.",
    },
    "nn": {
        "bar": "Førehandsvising",
        "draft": "Kladd",
        "scheduled": "Ikkje publisert enno",
        "words": "ord",
        "minutes": "min å lese",
        "source": "Kjeldefil",
        "copy": "Kopier filnamnet",
        "copied": "Kopiert",
        "hide": "Gøym",
        "show": "Vis",
        "problems": "Dette må rettast før sida kan visast på nytt",
        "kept": "Du ser den siste versjonen utan feil.",
        "warnings": "Merknader",
        "more": "… og {} til. «kommunebeta check» viser alle.",
        "close": "Lukk",
        "lost": "Førehandsvisinga er stoppa.",
        "nothing": "Det finst inga side å vise enno.",
    },
    "se": {
        "bar": "Ovdačájeheapmi",
        "draft": "Evttohus",
        "scheduled": "Ii leat vuos almmuhuvvon",
        "words": "sáni",
        "minutes": "min lohkat",
        "source": "Gáldofiila",
        "copy": "Máŋge fiilanama",
        "copied": "Máŋgejuvvon",
        "hide": "Čiega",
        "show": "Čájet",
        "problems": "Dán ferte divvut vuos",
        "kept": "Don oainnát maŋimuš veršuvnna mas eai leat meattáhusat.",
        "warnings": "Mearkkašumit",
        "more": "… ja vel {}. «kommunebeta check» čájeha buot.",
        "close": "Gidde",
        "lost": "Ovdačájeheapmi lea bisánan.",
        "nothing": "Ii leat vel siidu maid čájehit.",
    },
    "en": {
        "bar": "Preview",
        "draft": "Draft",
        "scheduled": "Not published yet",
        "words": "words",
        "minutes": "min to read",
        "source": "Source file",
        "copy": "Copy the file's name",
        "copied": "Copied",
        "hide": "Hide",
        "show": "Show",
        "problems": "Mend this before the page can be shown anew",
        "kept": "You see the last version without errors.",
        "warnings": "Notes",
        "more": "… and {} more. «kommunebeta check» tells all.",
        "close": "Close",
        "lost": "The preview has stopped.",
        "nothing": "There is no page to show yet.",
    },
}


def texts(lang: str) -> Mapping[str, str]:
    """The words in a language; those in bokmål where there are none."""
    return _TEXTS.get(base_language(lang), _TEXTS["nb"])
