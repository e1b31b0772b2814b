"""Films, sound and documents that lie in the site itself, told by the endings of their names."""

from __future__ import annotations

from kommunebeta.model import EmbedKind

_FILES: dict[str, tuple[EmbedKind, str]] = {
    "mp4": (EmbedKind.FILM, "video/mp4"),
    "m4v": (EmbedKind.FILM, "video/mp4"),
    "webm": (EmbedKind.FILM, "video/webm"),
    "ogv": (EmbedKind.FILM, "video/ogg"),
    "mp3": (EmbedKind.SOUND, "audio/mpeg"),
    "m4a": (EmbedKind.SOUND, "audio/mp4"),
    "ogg": (EmbedKind.SOUND, "audio/ogg"),
    "oga": (EmbedKind.SOUND, "audio/ogg"),
    "opus": (EmbedKind.SOUND, "audio/ogg"),
    "wav": (EmbedKind.SOUND, "audio/wav"),
    "flac": (EmbedKind.SOUND, "audio/flac"),
    "pdf": (EmbedKind.DOCUMENT, "application/pdf"),
}


def kind_of_file(path: str) -> tuple[EmbedKind, str]:
    """What a file is and its media type; a document of no special type where the ending is another."""
    return _FILES.get(path.rpartition(".")[2].lower(), (EmbedKind.DOCUMENT, "application/octet-stream"))
