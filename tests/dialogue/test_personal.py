"""Personal data in a text: what is found, and what only looks like it."""

from __future__ import annotations

import datetime as dt
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kommunebeta.dialogue.personal import Finding, PersonalData, is_identity_number, personal_data
from tests.dialogue.hostile import Hostile, texts


def kinds(text: str) -> list[str]:
    return [finding.kind.name for finding in personal_data(text)]


def numbers(date: str, individual: str, remainders: tuple[int, ...] = (0,)) -> list[str]:
    """The identity numbers that begin so, made by the rule itself: one for each first control digit."""
    made = []
    for first in range(10):
        ten = [int(digit) for digit in date + individual] + [first]
        if (
            sum(a * b for a, b in zip(ten, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1), strict=True)) % 11
            not in remainders
        ):
            continue
        second = -sum(a * b for a, b in zip(ten, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2), strict=True)) % 11
        if second < 10:
            made.append(f"{date}{individual}{first}{second}")
    return made


def number(date: str) -> str:
    """A number of someone born in the nineteenth century (500–749), so that nobody living bears it."""
    return next(made for individual in range(500, 750) for made in numbers(date, str(individual)))


# E-mail


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Skriv til ola.nordmann@example.no.", "ola.nordmann@example.no"),
        ("<ola@example.no>", "ola@example.no"),
        ("mailto:ola+beta@sub.example.co.uk?subject=x", "ola+beta@sub.example.co.uk"),
        ("OLA@EXAMPLE.NO", "OLA@EXAMPLE.NO"),
        ("(åse_ødegård@blåbær.no)", "åse_ødegård@blåbær.no"),
        ("ola (at) example.no", "ola (at) example.no"),
        ("ola [krøllalfa] example.no", "ola [krøllalfa] example.no"),
        ("post.ola@example.no", "post.ola@example.no"),
    ],
)
def test_an_email_address_is_found(text: str, address: str) -> None:
    assert personal_data(text) == (Finding(PersonalData.EMAIL, address, text.index(address)),)


@pytest.mark.parametrize(
    "text",
    [
        "postmottak@fjordvik.kommune.no",
        "post@example.no",
        "@ola på Mastodon, eller @ola@snabel.no",
        "ola@nordmann",
        "3 epler @ 5 kr.",
        "a@b.c",
        "møt opp (at least) ti. Nei",
    ],
)
def test_what_leads_to_an_office_or_to_nobody_is_no_persons_address(text: str) -> None:
    assert kinds(text) == []


# Telephone


@pytest.mark.parametrize(
    "phone",
    [
        "91 23 45 67",
        "912 34 567",
        "91234567",
        "41\u00a023\u00a045\u00a067",
        "22 22 22 22",
        "+47 912 34 567",
        "+4791234567",
        "+47 9123 4567",
        "0047 91 23 45 67",
        "(+47) 91 23 45 67",
        "+47-912-34-567",
    ],
)
@pytest.mark.parametrize(
    "frame", ["{}", "Du når meg på {}.", "tlf: {}, helst om kvelden", "({})", "<tel:{}>"]
)
def test_a_telephone_number_is_found_in_every_usual_grouping(phone: str, frame: str) -> None:
    text = frame.format(phone)
    assert [finding.text.strip("(") for finding in personal_data(text)] == [phone.strip("(")]
    assert personal_data(text)[0].kind is PersonalData.PHONE


@pytest.mark.parametrize(
    "text",
    ["ring 9123 4567", "Mob. 91-23-45-67", "telefonnummeret (tlf) 91.23.45.67", "Sms til 9 1 2 3 4 5 6 7"],
)
def test_an_unusual_grouping_counts_when_the_text_says_that_it_is_a_telephone_number(text: str) -> None:
    assert kinds(text) == ["PHONE"]


def test_two_numbers_beside_each_other_are_both_found() -> None:
    assert kinds("912 34 567/987 65 432, 22 11 33 44 eller 91234567") == ["PHONE"] * 4


@pytest.mark.parametrize(
    "text",
    [
        "Det koster 12 000 000 kr.",
        "25000000 kr og 25000000,- og kr 25000000 og 25000000 kroner",
        "Det bor 2 345 678 personer her, eller 23456789 innbyggere.",
        "Sak 2026/1234 og 26/91234567 og 91234567/2026",
        "saksnr. 91234567, ref: 40123456, KID 40123456",
        "I 2024 2025 og 2026 2027, fra 1981 1982",
        "20260512, 19991231",
        "31.12.2026, 2026-12-31, 31 12 2026",
        "59.9139, 10.7522 og 59.91391234 og 6643000 262000",
        "UTM 32V 6643010 597000",
        "20 30 40 50 og 20 25 30 35 40 45",
        "800 40 140 og 810 00 000 og 02800 og 116 117",
        "58 12 34 56, 59000000",
        "Org.nr. 912 345 678 og 912345678",
        "1234.56.78903",
        "https://example.no/91234567 og ?id=91234567&x=41234567",
        "5003 5004 5005",
        "91,23 45,67 og 912.345.678",
        "v91234567 og 91234567x og 912345678901234",
        "12345678",
        "17 91 23 45 67 11 22",
    ],
)
def test_amounts_dates_cases_and_coordinates_are_no_telephone_numbers(text: str) -> None:
    assert personal_data(text) == ()


# Identity numbers


@pytest.mark.parametrize(
    "date", ["010170", "311299", "290296", "410170", "714399", "014170", "018170", "418170", "017799"]
)
def test_a_number_with_its_control_digits_is_an_identity_number(date: str) -> None:
    assert is_identity_number(number(date))


@pytest.mark.parametrize(
    "date",
    ["000170", "320170", "400170", "720170", "010070", "011370", "015370", "019370", "290295", "310470"],
)
def test_a_number_of_a_day_that_never_was_is_none(date: str) -> None:
    assert not is_identity_number(number(date))


def test_a_wrong_digit_anywhere_is_noticed_by_the_second_control_digit() -> None:
    right = number("170570")
    for place in range(11):
        for other in set("0123456789") - {right[place]}:
            wrong = right[:place] + other + right[place + 1 :]
            assert not is_identity_number(wrong), wrong


def test_numbers_from_2032_may_leave_a_remainder_up_to_three_in_the_first_control_digit() -> None:
    today, later, never = (
        numbers("170570", "500", remainders) for remainders in ((0,), (1, 2, 3), (4, 5, 6, 7, 8, 9, 10))
    )
    assert later
    assert never
    assert all(map(is_identity_number, today + later))
    assert not any(map(is_identity_number, never))


@pytest.mark.parametrize("text", ["", "1", "1705705001", "170570500123", "17057050012 ", "١٧٠٥٧٠٥٠٠١٢"])
def test_only_eleven_digits_are_an_identity_number(text: str) -> None:
    assert not is_identity_number(text)


@pytest.mark.parametrize(
    "form",
    ["{0}{1}", "{0} {1}", "{0}-{1}", "{0} - {1}", "{0}\u00a0{1}", "{2}.{3}.{4} {1}", "{2} {3} {4} {1}"],
)
@pytest.mark.parametrize("date", ["170570", "570570", "174570", "178570"])
def test_an_identity_number_is_found_however_it_is_grouped(form: str, date: str) -> None:
    whole = number(date)
    written = form.format(whole[:6], whole[6:], whole[:2], whole[2:4], whole[4:6])
    text = f"Jeg heter Kari, f.nr. {written}."
    assert personal_data(text) == (Finding(PersonalData.IDENTITY, written, text.index(written)),)


def test_bank_accounts_and_longer_numbers_are_no_identity_numbers() -> None:
    whole = number("150370")
    for text in (
        f"{whole[:4]} {whole[4:6]} {whole[6:]}",
        f"{whole[:4]}.{whole[4:6]}.{whole[6:]}",
        f"konto {whole}",
        whole + "1",
        "1" + whole,
        f"a{whole}",
        f"{whole}/1",
    ):
        assert personal_data(text) == (), text


# All of them


def test_findings_stand_in_the_order_of_the_text_and_say_where_they_are() -> None:
    identity = number("170570")
    text = f"912 34 567, {identity}, ola@example.no og 22 11 33 44"
    found = personal_data(text)
    assert [finding.kind.value for finding in found] == [
        "telephone number",
        "national identity number",
        "e-mail address",
        "telephone number",
    ]
    assert all(text[finding.start :].startswith(finding.text) for finding in found)


def test_an_ordinary_contribution_gives_no_alarm() -> None:
    text = """Hei! Jeg bor i Storgata 12, 5003 Bergen, og leste sak 2026/4711 (gnr. 12, bnr. 345).
Budsjettet er på 12 500 000 kr i 2026 og 13 000 000 i 2027, altså 4,0 % mer enn 2024-2025.
Møtet var 17.05.2026 kl. 18.30-20.00. Bussen går 07.15 08.15 09.15. Vi er 1 234 personer.
Se https://www.fjordvik.kommune.no/sak/20261234 og § 12-4, jf. LOV-2018-06-15-38.
Målt 21.03.2026: 59.913869, 10.752245. ISBN 978-82-02-12345-6. Ring 113 eller 116 117."""
    assert personal_data(text) == ()


@given(st.text(alphabet=st.sampled_from("0123456789 +-.@()a/n\u00a0"), max_size=60))
def test_any_text_can_be_searched(text: str) -> None:
    for finding in personal_data(text):
        assert text[finding.start :].startswith(finding.text)


@given(
    st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31)),
    st.sampled_from(["%d.%m.%Y", "%Y-%m-%d", "%Y%m%d", "%d %m %Y", "%d%m%Y"]),
)
def test_no_date_is_personal(date: dt.date, form: str) -> None:
    if form == "%d%m%Y" and re.match("[2-9]", date.strftime(form)):
        return  # 31122026 may as well be a telephone number
    assert personal_data(date.strftime(form)) == ()


@pytest.mark.parametrize("hostile", texts("size"), ids=lambda hostile: hostile.id)
def test_a_text_of_any_size_is_searched_quickly(hostile: Hostile) -> None:
    start = time.process_time()
    personal_data(hostile.text)
    assert time.process_time() - start < 5
