"""A site of N posts such as a municipality writes, the same for the same N: ``python corpus.py N DIR``."""

from __future__ import annotations

import datetime as dt
import io
import random
import sys
from pathlib import Path

SUBJECTS = [
    "Kommunen",
    "Rådmannen",
    "Teknisk etat",
    "Skolene i bygda",
    "Helsestasjonen",
    "Ungdomsrådet",
    "Kommunestyret",
    "Vi",
    "Naboene",
    "Biblioteket",
    "Vannverket",
    "Barnehagene",
    "Frivilligsentralen",
    "Hjemmetjenesten",
    "Planavdelingen",
    "Mange av dere",
]
VERBS = [
    "bygger ut",
    "vil prøve",
    "har lært mye av",
    "trenger hjelp til",
    "spør dere om",
    "rydder opp i",
    "har brukt for lang tid på",
    "setter i gang",
    "venter på svar om",
    "sparer penger på",
    "tar et skritt tilbake fra",
    "legger fram tallene for",
]
OBJECTS = [
    "den nye svømmehallen",
    "skoleveien langs fjorden",
    "vannledningen til Øvre Åsen",
    "et felles tjenestetorg",
    "brøytinga i vinter",
    "leksehjelpen på biblioteket",
    "planen for sentrum",
    "sykkelveien",
    "dagtilbudet for eldre",
    "nettsidene våre",
    "budsjettet for neste år",
    "lekeplassen ved elva",
    "åpne data om luft og støy",
    "sorteringen på gjenbrukstorget",
]
ENDS = [
    "før jul",
    "i løpet av våren",
    "sammen med nabokommunen",
    "uten å bruke mer penger",
    "slik dere foreslo på folkemøtet",
    "og det går saktere enn vi trodde",
    "fordi så mange har sagt fra",
    "i tråd med vedtaket",
    "på prøve i ett år",
]
ASIDES = [
    "Det er ikke avgjort ennå.",
    "Si fra hvis vi tar feil.",
    "Tallene er foreløpige.",
    "Dette koster 1,4 millioner kroner.",
    "Hva mener du?",
    "Neste møte er åpent for alle.",
    "Vi svarer innen fem virkedager.",
    "«Det må gå an å få til», sa en av dere.",
]
HEADINGS = [
    "Hva skjer nå?",
    "Bakgrunn",
    "Dette er vi usikre på",
    "Slik kan du svare",
    "Økonomi",
    "Hva vi har lært",
    "Tidsplan",
]
TAGS = [
    "skole",
    "vann",
    "vei",
    "budsjett",
    "helse",
    "eldre",
    "ungdom",
    "kultur",
    "klima",
    "plan",
    "barnehage",
    "idrett",
    "personvern",
    "digitalisering",
    "åpne data",
    "innovasjon",
    "beredskap",
    "avfall",
    "medvirkning",
    "friluftsliv",
    "bibliotek",
    "frivillighet",
    "næring",
    "trafikk",
]
CATEGORIES = ["Bak kulissene", "Vi spør", "Slik gikk det", "Drift", "Skole og barnehage"]
ROLES = {
    "kommunedirektor": "Kommunedirektør",
    "ordforer": "Ordfører",
    "teknisk-sjef": "Teknisk sjef",
    "oppvekstsjef": "Oppvekstsjef",
    "helsesjef": "Helsesjef",
    "okonomisjef": "Økonomisjef",
}
SETTINGS = """\
name: Fjordvikbeta
municipality: Fjordvik kommune
base_url: https://beta.fjordvik.example/
language: nb
tagline: Her snakker kommunen med deg
permalinks: {post: "/{year}/{month}/{day}/{slug}/"}
menus: {main: [{list: home}, {list: tags}, {list: archive}, {page: content/pages/om.md}]}
"""
FIRST_DAY = dt.date(2010, 1, 4)


def make(count: int, folder: Path, seed: int = 1) -> None:
    """Write a site.

    Args:
        count: number of posts.
        folder: where; made when needed.
        seed: another one gives other posts.
    """
    random_ = random.Random(f"{seed} {count}")
    _write(folder / "kommunebeta.yaml", SETTINGS)
    _write(
        folder / "content/pages/om.md",
        "---\ntitle: Om oss\n---\n\n## Hvem\n\nFjordvik er en oppdiktet kommune.\n",
    )
    for name, role in ROLES.items():
        _write(
            folder / f"people/{name}.yaml",
            f"role: {role}\nanswers_for: [{role.lower()}ens saker]\nanswer_days: 5\n",
        )
    for number in range(4):
        _write(folder / f"static/bilder/{number}.jpg", _picture(random_))
    names: list[str] = []
    for number in range(count):
        day = FIRST_DAY + dt.timedelta(days=number * 5000 // count)
        name = f"{day}-sak-{number}.md"
        _write(folder / f"content/posts/{name}", _post(random_, number, day, names))
        names.append(name)


def _post(random_: random.Random, number: int, day: dt.date, earlier: list[str]) -> str:
    subject = random_.choice(OBJECTS)
    matter = [
        "---",
        f'title: "Sak {number}: {subject[0].upper()}{subject[1:]}"',
        f"date: {day} 0{random_.randrange(7, 10)}:{random_.randrange(10, 60)}",
        f"authors: [{random_.choice(list(ROLES))}]",
        f"tags: [{', '.join(random_.sample(TAGS, random_.randrange(1, 4)))}]",
        f"category: {random_.choice(CATEGORIES)}",
        f'summary: "{_sentence(random_)} {_sentence(random_)}"',
    ]
    if random_.random() < 0.1:
        matter.append(f'image: {{src: /bilder/{random_.randrange(4)}.jpg, alt: "Et bilde av {subject}"}}')
    blocks = [_paragraph(random_)]
    words = random_.randrange(300, 900)
    while sum(len(block.split()) for block in blocks) < words:
        blocks.append(_block(random_, earlier))
    return "\n".join([*matter, "---", ""]) + "\n" + "\n\n".join(blocks) + "\n"


def _sentence(random_: random.Random) -> str:
    return " ".join(random_.choice(part) for part in (SUBJECTS, VERBS, OBJECTS, ENDS)) + "."


def _paragraph(random_: random.Random) -> str:
    parts = [_sentence(random_) for _ in range(random_.randrange(2, 5))]
    if random_.random() < 0.6:
        parts.append(random_.choice(ASIDES))
    if random_.random() < 0.3:
        words = parts[0].split()
        words[2] = f"**{words[2]}**"
        words[-1] = f"*{words[-1]}*"
        parts[0] = " ".join(words)
    return " ".join(parts)


def _block(random_: random.Random, earlier: list[str]) -> str:
    kind = random_.random()
    if kind < 0.15:
        return f"## {random_.choice(HEADINGS)}"
    if kind < 0.25:
        sign = random_.choice(("*", "1."))
        return "\n".join(f"{sign} {_sentence(random_)}" for _ in range(random_.randrange(3, 6)))
    if kind < 0.33:
        link = f"https://innsyn.fjordvik.example/sak/{random_.randrange(1000, 9999)}"
        return f"{_sentence(random_)} Les [saksframlegget]({link}). {_sentence(random_)}"
    if kind < 0.37 and earlier:
        return f"{_sentence(random_)} Vi skrev om det [tidligere]({random_.choice(earlier[-50:])})."
    if kind < 0.40:
        rows = "\n".join(f"| {random_.choice(OBJECTS)} | {random_.randrange(10, 900)} |" for _ in range(4))
        return f"| Tiltak | Kroner |\n| --- | ---: |\n{rows}"
    if kind < 0.42:
        return f"> {_sentence(random_)}"
    return _paragraph(random_)


def _picture(random_: random.Random) -> bytes:
    from PIL import Image

    picture = Image.linear_gradient("L").resize((1200, 800)).convert("RGB")
    picture.putpixel((0, 0), (random_.randrange(256), random_.randrange(256), random_.randrange(256)))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=70)
    return stream.getvalue()


def _write(file: Path, content: str | bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())


if __name__ == "__main__":
    make(int(sys.argv[1]), Path(sys.argv[2]))
