"""``build --explain`` names the answer that changed, in plain words."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Make = Callable[..., Path]
Command = Callable[..., subprocess.CompletedProcess[str]]
FILES = {
    "kommunebeta.yaml": "name: Fjordvikbeta\nmunicipality: Fjordvik kommune\nbase_url: https://b.example/x/\n",
    "content/posts/bad.md": "---\ntitle: Badet\ndate: 2026-05-17\ntags: [skole]\n---\n\nTekst.\n",
    "content/posts/vei.md": "---\ntitle: Veien\ndate: 2026-05-18\n---\n\nTekst.\n",
}


@pytest.fixture
def site(make_folder: Make, command: Command) -> Path:
    site = make_folder(FILES)
    assert command("build", site).returncode == 0
    return site


def explained(command: Command, site: Path, path: str) -> str:
    done = command("build", site, "--explain", path)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("path", ["2026/05/bad/index.html", "2026/05/bad/", "2026/05/bad", "/x/2026/05/bad/"])
def test_what_is_up_to_date_is_said_to_be(site: Path, command: Command, path: str) -> None:
    said = explained(command, site, path)
    assert "made from content/posts/bad.md" in said
    assert "not there before" in said
    assert "The next build would leave it as it is." in said


def test_the_edited_text_is_named(site: Path, command: Command) -> None:
    (site / "content/posts/bad.md").write_text(FILES["content/posts/bad.md"] + "\nMer.\n")
    assert "the text of content/posts/bad.md" in explained(command, site, "feed.xml")
    command("build", site)
    said = explained(command, site, "feed.xml")
    assert "It was last made because the text of content/posts/bad.md" in said
    assert "leave it as it is" in said


def test_the_template_setting_and_neighbour_are_named(site: Path, command: Command) -> None:
    (site / "templates/partials").mkdir(parents=True)
    (site / "templates/partials/footer.html").write_text("<footer></footer>")
    assert "the template partials/footer.html" in explained(command, site, "2026/05/bad/")
    (site / "content/posts/ny.md").write_text("---\ntitle: Ny\ndate: 2026-05-17 10:00\n---\n")
    assert "the posts before and after content/posts/bad.md" in explained(command, site, "2026/05/bad/")
    assert "the newest posts (nb)" in explained(command, site, "404.html")


def test_a_file_that_somebody_changed_is_named_as_such(site: Path, command: Command) -> None:
    (site / "public/index.html").write_text("noe annet")
    assert "somebody has changed it" in explained(command, site, "index.html")
    assert (site / "public/index.html").read_text() == "noe annet"


def test_an_output_that_does_not_exist_is_wrong_use(site: Path, command: Command) -> None:
    done = command("build", site, "--explain", "2026/05/bda/index.html")
    assert done.returncode == 2
    assert "Did you mean «2026/05/bad/index.html»?" in done.stderr
