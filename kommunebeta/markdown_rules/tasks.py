"""Task lists: ``- [ ] to do`` and ``- [x] done``.

The boxes show a state and cannot be ticked; each has a name, since the text beside it is no label.
"""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from kommunebeta.markdown_rules.wording import in_language

WORDS = {
    "nb": ("Ikke gjort", "Gjort"),
    "nn": ("Ikkje gjort", "Gjort"),
    "se": ("Ii leat dahkkon", "Dahkkon"),
    "en": ("Not done", "Done"),
}
_BOXES = {"[ ] ": 0, "[x] ": 1, "[X] ": 1}


def tasks(md: MarkdownIt, lang: str) -> None:
    """Add task lists."""
    words = in_language(WORDS, lang)

    def task_lists(state: StateCore) -> None:
        if "[ ] " not in state.src and "[x] " not in state.src.lower():
            return
        lists: list[Token] = []
        for index, token in enumerate(state.tokens):
            if token.tag in ("ul", "ol"):
                if token.nesting == 1:
                    lists.append(token)
                else:
                    lists.pop()
            elif token.type == "inline" and index > 1 and state.tokens[index - 2].type == "list_item_open":
                done = _BOXES.get(token.content[:4])
                if done is not None and token.children and token.children[0].type == "text":
                    _add_box(token, done, words[done])
                    state.tokens[index - 2].attrSet("class", "task")
                    lists[-1].attrSet("class", "tasks")

    md.core.ruler.before("text_join", "tasks", task_lists)


def _add_box(token: Token, done: int, name: str) -> None:
    children = token.children or []
    children[0].content = children[0].content.removeprefix(token.content[:3])
    box = Token("task_box", "input", 0)
    box.attrs = {"type": "checkbox", "disabled": "", "aria-label": name}
    if done:
        box.attrs["checked"] = ""
    children.insert(0, box)
