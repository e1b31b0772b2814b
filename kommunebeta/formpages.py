"""The pages that a reader comes to after a form: thanks for each form, and one for what went wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kommunebeta.contexts import NotSentContext, ThanksContext
from kommunebeta.dialogue.delivery import sent_forms
from kommunebeta.listings import Desk
from kommunebeta.outputs import Output, Rendered
from kommunebeta.permalinks import output_path


def form_pages(desk: Desk, used: Iterable[str]) -> Iterator[Output]:
    """The pages of thanks in each home's language, and the one for what went wrong.

    Args:
        desk: what planning needs.
        used: the ids of the forms that stand on a page; of these, the ones that lead back to the site count.
    """
    sent = sent_forms(desk.site.holdings.settings, used)
    for home in desk.site.homes if sent else ():
        for form in sent:
            yield _thanks(desk, home, form)
        yield _not_sent(desk, home)


def _thanks(desk: Desk, home: str, form: str) -> Output:
    title = desk.translate(home, "Thank you")
    address = desk.addresses.of("thanks", home, form)
    context = ThanksContext(
        site=desk.site,
        lang=home,
        home=home,
        address=address,
        title=title,
        alternates=desk.in_all_homes("thanks", form),
        breadcrumbs=desk.crumbs(home, (title, address)),
        indexable=False,
        form=desk.site.holdings.forms[form],
    )
    return Output(output_path(address), Rendered("thanks.html", context), f"thanks for «{form}» ({home})")


def _not_sent(desk: Desk, home: str) -> Output:
    title = desk.translate(home, "It was not sent")
    address = desk.addresses.of("not_sent", home)
    context = NotSentContext(
        site=desk.site,
        lang=home,
        home=home,
        address=address,
        title=title,
        alternates=desk.in_all_homes("not_sent"),
        breadcrumbs=desk.crumbs(home, (title, address)),
        indexable=False,
    )
    return Output(output_path(address), Rendered("not-sent.html", context), f"page for unsent forms «{home}»")
