"""A form with a question of every kind, and what a browser sends of it."""

from __future__ import annotations

FORM = """\
title: {nb: Alt vi kan spørre om, nn: Alt vi kan spørje om, en: Everything we can ask}
intro: |
  Her er *alle* slags spørsmål.

  Du trenger ikke svare på alt.
submit: Send svarene
thanks: Takk for svarene!
controller: Fjordvik kommune ved teknisk sjef
purpose: Vi prøver skjemaet.
legal_basis: Personvernforordningen artikkel 6 nr. 1 bokstav e.
retention: P90D
policy_version: "3"
consent: {publish_text: true, publish_name: true, notify: true}
fields:
  - {kind: info, text: "Først noen **korte** spørsmål."}
  - {kind: short, name: kort, label: Hva heter stedet?, help: Navnet folk bruker., required: true, min_length: 3, max_length: 40}
  - {kind: long, name: lang, label: Hva mener du?, required: true, min_length: 5, max_length: 200}
  - {kind: one, name: en, label: Hvem er du?, required: true, other: true, choices: [Ung, Voksen, Gammel]}
  - {kind: many, name: mange, label: Hva bruker du?, required: true, other: true, choices: [Buss, Bil, Sykkel]}
  - {kind: scale, name: skala, label: Hvor fornøyd er du?, required: true, max: 5, min_label: Misfornøyd, max_label: Fornøyd}
  - {kind: scale, name: lang_skala, label: Hvor sannsynlig er det?, min: 0, max: 10, min_label: Aldri, max_label: Helt sikkert}
  - {kind: ranking, name: rang, label: Hva haster mest?, choices: [Skole, Vei, Lys]}
  - {kind: matrix, name: tabell, label: Hvor enig er du?, required: true, rows: [{value: trygt, label: Det er trygt her}, {value: pent, label: Det er pent her}], columns: [Uenig, Verken eller, Enig]}
  - {kind: yes_no, name: ja_nei, label: Bor du her?, required: true}
  - {kind: short, name: hvor_ellers, label: Hvor bor du?, required: true, confidential: true, show_if: {field: ja_nei, equals: "no"}}
  - {kind: number, name: antall, label: Hvor mange er dere?, min: 1, max: 12, unit: personer}
  - {kind: number, name: meter, label: Hvor langt er det?, whole: false, min: 0.5, unit: km}
  - {kind: date, name: dag, label: Når skjedde det?, min: 2026-01-01, max: 2026-12-31}
  - {kind: place, name: sted, label: Hvor er det?, required: true, point: true}
  - {kind: place, name: adresse, label: Hvor bor du?}
  - {kind: name, name: navn, label: Navn, confidential: false}
  - {kind: email, name: epost, label: E-post, required: true}
  - {kind: phone, name: telefon, label: Telefon}
  - {kind: postcode, name: postnummer, label: Postnummer}
  - {kind: file, name: skjult, label: En fil}
"""
"""Without a file, so that it can be sent as any form is."""

FILE = """\
  - {kind: file, name: bilde, label: Et bilde, enabled: true, types: [.png, .txt], max_megabytes: 2}
"""

SENT = [
    ("kort", "Torget"),
    ("lang", "Første linje\r\nandre «linje» æøå & 100 %"),
    ("en", "other"),
    ("en-other", "Turist"),
    ("mange", "buss"),
    ("mange", "sykkel"),
    ("mange-other", ""),
    ("skala", "4"),
    ("rang-skole", "2"),
    ("rang-vei", "1"),
    ("rang-lys", "3"),
    ("tabell-trygt", "enig"),
    ("tabell-pent", "verken-eller"),
    ("ja_nei", "yes"),
    ("hvor_ellers", ""),
    ("antall", "3"),
    ("meter", "1.5"),
    ("dag", "2026-05-17"),
    ("sted", "Torget 1"),
    ("sted-lat", "60.39"),
    ("sted-lon", "5.32"),
    ("adresse", ""),
    ("navn", "Kari Nordmann"),
    ("epost", "kari@example.no"),
    ("telefon", ""),
    ("postnummer", "5003"),
]
"""What a browser without JavaScript sends when the form is filled in as ``fill`` does."""
