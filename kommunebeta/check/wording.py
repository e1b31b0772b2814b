"""Plain language: sentences, words and a whole text that are heavier than they need to be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kommunebeta.check.finding import Clue, Fault, Rule
from kommunebeta.check.noted import NotedSurroundings
from kommunebeta.check.page import Page
from kommunebeta.check.passive import is_passive
from kommunebeta.check.plainwords import plainer, stiff_in, stiff_words
from kommunebeta.check.prose import body_paragraphs, excerpt, sentences, words, words_of
from kommunebeta.errors import Severity

_LAW = "Språklova, section 9"
RULES: Mapping[str, Rule] = {
    "KB144": Rule(
        "Long sentence",
        Severity.NOTE,
        "Who reads slowly, reads on a phone or reads Norwegian as a second language has lost the beginning "
        "when the end comes.",
        "Make two sentences of it, or a list.",
        (_LAW, "WCAG 2.2, 3.1.5"),
    ),
    "KB145": Rule(
        "Stiff or very long word",
        Severity.NOTE,
        "Words that live in letters from the authorities alone tell readers that the text is not for them.",
        "Use the word that you would say to a neighbour.",
        (_LAW, "Språkrådet, Kansellisten"),
    ),
    "KB146": Rule(
        "Many passive sentences",
        Severity.NOTE,
        "Where it is not said who does something, readers do not know whom to ask, nor whether they must do "
        "it themselves.",
        "Say who does it: «vi sender», «du fyller ut».",
        (_LAW,),
    ),
    "KB147": Rule(
        "Text that is heavy to read",
        Severity.NOTE,
        "The readability index LIX adds the average length of the sentences and the share of long words. "
        "Above 50, a text reads like an official report; newspapers have 40 to 50.",
        "Split the longest sentences, and use shorter words.",
        (_LAW, "C.H. Björnsson, Läsbarhet (1968)"),
    ),
}

_LANGUAGES = {"nb": "nb", "no": "nb", "nn": "nn", "en": "en"}
_LONG_WORD = 6
_VERY_LONG_WORD = 28
_VERY_LONG = re.compile(rf"[^\W\d_]{{{_VERY_LONG_WORD + 1}}}")
_FEWEST_WORDS = 100
_FEWEST_PASSIVE = 5
_PASSIVE_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a text.

    Attributes:
        text: what it says.
        words: its words, numbers included.
    """

    text: str
    words: tuple[str, ...]

    @property
    def clue(self) -> Clue:
        """What leads to it in its source, where links may stand between its words."""
        written = self.text.split()
        parts = (written, written[:8], written[:5], written[-8:], written[-4:])
        return Clue("", tuple(dict.fromkeys(map(" ".join, parts))))


def plain_language(page: Page, surroundings: NotedSurroundings) -> Iterator[Fault]:
    """What makes a text of the site heavy to read."""
    lang = _LANGUAGES.get(page.lang.partition("-")[0].lower(), "")
    if not lang or not surroundings.source(page.path).startswith("content/"):
        return
    text = [
        Sentence(sentence, tuple(words(sentence)))
        for paragraph in body_paragraphs(page)
        for sentence in sentences(words_of(paragraph))
    ]
    yield from _long_sentences(text, surroundings.limits.sentence_words)
    yield from _heavy_words(text, lang)
    if lang in ("nb", "nn"):
        yield from _passive(text, lang)
    yield from _heavy_text(text, surroundings.limits.lix)


def lix(text: list[Sentence]) -> float:
    """The readability index of a text: words per sentence, plus the share of words of more than 6 letters.

    Source: C.H. Björnsson, Läsbarhet (1968).

    Args:
        text: its sentences, at least one word among them.
    """
    every = [word for sentence in text for word in sentence.words]
    long = sum(len(word) > _LONG_WORD for word in every)
    return len(every) / len(text) + 100 * long / len(every)


def _long_sentences(text: list[Sentence], most: int) -> Iterator[Fault]:
    for sentence in text:
        count = len(sentence.words)
        if count > most:
            message = f"The sentence «{excerpt(sentence.text)}» has {count} words, which is more than {most}."
            yield Fault("KB144", message, clue=sentence.clue)


def _heavy_words(text: list[Sentence], lang: str) -> Iterator[Fault]:
    """Stiff and very long words, each told once."""
    told: set[str] = set()
    pattern = stiff_words(lang)
    everything = "\n".join(sentence.text for sentence in text).lower()
    suspects = stiff_in(everything, lang)
    has_long = _VERY_LONG.search(everything) is not None
    for sentence in text:
        lower = sentence.text.lower()
        is_suspect = any(suspect in lower for suspect in suspects)
        for found in pattern.finditer(lower) if pattern and is_suspect else ():
            if found[0] not in told:
                told.add(found[0])
                around = " ".join(sentence.text[found.start() :].split()[: found[0].count(" ") + 3])
                message = f"«{found[0]}» is stiff; plainer is «{plainer(lang, found[0])}»."
                yield Fault("KB145", message, clue=Clue("", (around, found[0])))
        for word in sentence.words if has_long else ():
            if len(word) > _VERY_LONG_WORD and "-" not in word and word.lower() not in told:
                told.add(word.lower())
                message = f"«{word}» has {len(word)} letters."
                yield Fault("KB145", message, "Say it in several shorter words.", Clue("", (word,)))


def _passive(text: list[Sentence], lang: str) -> Iterator[Fault]:
    hidden = [sentence for sentence in text if is_passive(sentence.text, lang)]
    if len(hidden) >= _FEWEST_PASSIVE and len(hidden) >= _PASSIVE_SHARE * len(text):
        longest = max(hidden, key=lambda sentence: len(sentence.words))
        message = (
            f"{len(hidden)} of {len(text)} sentences do not say who does something, such as "
            f"«{excerpt(longest.text)}»."
        )
        yield Fault("KB146", message, clue=longest.clue)


def _heavy_text(text: list[Sentence], most: int) -> Iterator[Fault]:
    if sum(len(sentence.words) for sentence in text) < _FEWEST_WORDS:
        return
    value = lix(text)
    if round(value) > most:
        longest = max(text, key=lambda sentence: len(sentence.words))
        message = f"The text has a readability index (LIX) of {value:.0f}, which is more than {most}."
        mend = f"Begin with its longest sentence: «{excerpt(longest.text)}»."
        yield Fault("KB147", message, mend, longest.clue)
