"""How wide a text is, and how it is written into XML."""

from __future__ import annotations

import re
from typing import Any

FONT = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
# Advance widths of Helvetica in thousandths of the size of the font (Adobe's font metrics), for groups of characters;
# all others are taken as 600.
_WIDTHS = {}
for _characters, _width in (
    ("ijl'|", 222),
    (' ftI.,:;!/\\[]()`-r"', 300),
    ("cksvxyzJ*^", 510),
    ("abdeghnopquL0123456789_$?#", 556),
    ("FTZ<>=+~", 600),
    ("ABEKPSVXY&", 667),
    ("CDHNRUw", 722),
    ("GOQ", 778),
    ("mM", 833),
    ("W%", 944),
    ("@", 1015),
    ("…→", 1000),
):
    _WIDTHS.update(dict.fromkeys(_characters, _width))
_BOLD = 1.12
_SLACK = 1.14  # the fonts that stand in for Helvetica are wider
_IMPOSSIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # characters that XML can't hold


def width(text: str, size: Any, bold: bool = False) -> Any:
    """Width of a line in pixels, rather too wide than too narrow."""
    total = sum(_WIDTHS.get(character) or (600 if ord(character) < 0x2E80 else 1000) for character in text)
    return total * size / 1000 * _SLACK * (_BOLD if bold else 1)


def shortened(text: str, longest: Any) -> Any:
    """The text on one line; of a longer one the beginning and the end."""
    text = " ".join(str(text).split())
    if len(text) <= longest:
        return text
    end = longest // 3
    return f"{text[: longest - end - 1]}…{text[-end:]}"


def escaped(text: str) -> Any:
    """For XML (and for Graphviz's labels like HTML): names are data, whatever stands in them."""
    text = _IMPOSSIBLE.sub("\ufffd", str(text))
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;")):
        text = text.replace(character, entity)
    return text
