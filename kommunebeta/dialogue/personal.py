"""Personal data in a text that is about to be published: addresses and numbers that lead to one person.

It is there to warn an editor. What has the form of a number but is plainly something else (an amount, a
date, a case number) is passed over, since a warning that is mostly wrong is soon read by nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Finding", "PersonalData", "is_identity_number", "personal_data"]


class PersonalData(StrEnum):
    """What kind of personal data, in the words of a problem's message."""

    EMAIL = "e-mail address"
    PHONE = "telephone number"
    IDENTITY = "national identity number"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something personal in a text.

    Attributes:
        kind: what it is.
        text: as it stands there.
        start: index of its first character in the text.
    """

    kind: PersonalData
    text: str
    start: int


_SPACE = "[ \u00a0\u2009\u202f]"

_AT = rf"(?:@|{_SPACE}?[(\[{{]{_SPACE}?(?:at|alfa|alfakrøll|krøllalfa|krøll){_SPACE}?[)\]}}]{_SPACE}?)"
_EMAIL = re.compile(
    rf"(?<![\w.+@'-])[\w+][\w.+'-]*+(?<![.'-]){_AT}"
    r"(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,24}(?![\w@])",
    re.IGNORECASE,
)
_OFFICES = re.compile(
    r"(?:post|postmottak|firmapost|info|kontakt|servicetorg|servicekontor|innbyggerservice|innbyggertorg"
    rf"|personvern|personvernombud|redaksjon|redaksjonen|presse|support|noreply|no-reply){_AT}",
    re.IGNORECASE,
)

_LOOSE = r"[2-79](?:[ \u00a0\u2009\u202f.-]?\d){7}"
_PHONE = re.compile(
    r"(?<![\w=&%#$€£.,+_-])(?:"
    rf"(?P<prefixed>\(?(?:\+|00)47\)?[ \u00a0\u2009\u202f.-]?{_LOOSE})"
    rf"|(?P<pairs>(?<!\d{_SPACE})[2-79]\d(?:{_SPACE}\d\d){{3}}(?!{_SPACE}\d))"
    rf"|(?P<threes>[2-79]\d\d{_SPACE}\d\d{_SPACE}\d\d\d)"
    r"|(?P<bare>(?<!/)[2-79]\d{7}(?!/))"
    rf"|(?P<loose>(?<!/){_LOOSE}))"
    r"(?![\w%=_]|[.,:-]\d)",
    re.ASCII,
)
_CALL = re.compile(
    r"(?:\b(?:tlf|telefon|telefonnr|telefonnummer|mobil|mob|mobilnr|mobilnummer|ring|sms|phone|call|vipps)\b"
    r"[^\d\n]{0,20}|[☎📞]\W{0,3})\Z",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"(?:\b(?:sak|saks?nr|saksnummer|ref|referanse|referansenr|referansenummer|faktura|fakturanr|ordre|ordrenr"
    r"|fakturanummer|ordrenummer|kid|journal|journalnr|journalpost|arkiv|arkivsak|arkivnr|dok|dokument"
    r"|dokumentnr|id|orgnr|org\.? ?nr|organisasjonsnummer|konto|kontonr|kontonummer|bankkonto|gnr|bnr"
    r"|løpenr|varenr|målernr|kr|nok|kroner|eur|euro|usd)\b[ .:#\u00a0]{0,3})\Z",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    rf"{_SPACE}?(?:,-|kr\b|kroner|nok\b|mill|mrd|euro|eur\b|usd\b|€|\$|£|%|prosent|m2\b|m²|km\b|meter|kwh|mwh"
    r"|tonn|stk\b|innbygg|personer|mennesker)",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")

# The date is either without signs in it or with the same twice, as «1503 12 34567» is a bank account.
_IDENTITY = re.compile(
    r"(?<![\w/=.,+-])(\d\d)(?P<sign>[ .]?)(\d\d)(?P=sign)(\d\d)"
    rf"(?:{_SPACE}|{_SPACE}?[-–]{_SPACE}?)?(\d{{3}}){_SPACE}?(\d\d)(?![\w/=]|[.,-]\d)",
    re.ASCII,
)
_FIRST_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
_SECOND_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MONTH_SERIES = (0, 40, 65, 80)


def personal_data(text: str) -> tuple[Finding, ...]:
    """The personal data in a text, in its order.

    - E-mail addresses, also ``ola (at) example.no``; not those of an office, such as ``postmottak@``.
    - Norwegian telephone numbers, with or without +47 (Nkom's numbering plan: eight digits that begin
      with 2–7 or 9; those that begin with 8 are services, and with 58 or 59 machines). Eight digits that
      are an amount, a date or the number of a case are none. Numbers of other countries are not looked for.
    - National identity numbers, see ``is_identity_number``, with or without a space after the date.
    """
    found = [*_emails(text), *_phones(text), *_identities(text)]
    return tuple(sorted(found, key=lambda finding: finding.start))


def _emails(text: str) -> Iterator[Finding]:
    for match in _EMAIL.finditer(text):
        if not _OFFICES.match(match[0]):
            yield Finding(PersonalData.EMAIL, match[0], match.start())


def _phones(text: str) -> Iterator[Finding]:
    for match in _PHONE.finditer(text):
        if match["prefixed"] or _is_phone(match, text):
            digits = re.sub(r"\D", "", match[0])[-8:]
            if not digits.startswith(("58", "59")):
                yield Finding(PersonalData.PHONE, match[0], match.start())


def _is_phone(match: re.Match[str], text: str) -> bool:
    """Whether digits without a country's code are a telephone number, by their form and surroundings."""
    before = text[max(match.start() - 40, 0) : match.start()]
    if _AMOUNT.match(text, match.end()):
        return False
    if _CALL.search(before):
        return True
    if match["loose"] or _REFERENCE.search(before):
        return False
    if match["pairs"]:
        first, second, third, fourth = map(int, re.findall(r"\d\d", match["pairs"]))
        return not second - first == third - second == fourth - third > 0  # «20 30 40 50» is counted
    return not _DATE.fullmatch(match[0])


def _identities(text: str) -> Iterator[Finding]:
    for match in _IDENTITY.finditer(text):
        before = text[max(match.start() - 40, 0) : match.start()]
        if is_identity_number(re.sub(r"\D", "", match[0])) and not _REFERENCE.search(before):
            yield Finding(PersonalData.IDENTITY, match[0], match.start())


def is_identity_number(digits: str) -> bool:
    """Whether eleven digits are a fødselsnummer, a D-number or a number made like one.

    The date must be one of the calendar; a D-number adds 40 to the day. To the month, 40 is added by
    health services (H-number) and by Nav's test persons, 65 by Norsk helsenett's and 80 by those of
    Skatteetaten. Test persons are nobody, but eleven digits that pass are worth a look all the same.

    Both control digits are checked as Skatteetaten has them from 2032 on, when the first may leave the
    remainder 0, 1, 2 or 3 modulo 11; numbers from before leave 0. The century can then no longer be told,
    so that 29 February is accepted in every year that can be a leap year.

    Source: Skatteetaten, «Nytt fødselsnummer fra 2032»,
    https://skatteetaten.github.io/folkeregisteret-api-dokumentasjon/nytt-fodselsnummer-fra-2032/
    """
    if not re.fullmatch("[0-9]{11}", digits):
        return False
    numbers = [int(digit) for digit in digits]
    first = sum(number * weight for number, weight in zip(numbers, _FIRST_WEIGHTS, strict=False)) % 11
    second = sum(number * weight for number, weight in zip(numbers, _SECOND_WEIGHTS, strict=True)) % 11
    return first <= 3 and second == 0 and _is_birthday(int(digits[:2]), int(digits[2:4]), int(digits[4:6]))


def _is_birthday(day: int, month: int, year: int) -> bool:
    day = day - 40 if day > 40 else day
    month = next((month - added for added in _MONTH_SERIES if 1 <= month - added <= 12), 0)
    if not month or not 1 <= day <= _DAYS[month - 1]:
        return False
    return (day, month) != (29, 2) or year % 4 == 0
