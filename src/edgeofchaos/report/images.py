"""Images as data URIs, with their size where it can be read off, so that the page does not jump."""

from __future__ import annotations

import base64
import binascii
import re
import struct

_URI = re.compile(r"data:image/[a-z+.-]+;base64,[A-Za-z0-9+/=]+")
_PNG = "data:image/png;base64,"


def source(name: str, image: str) -> dict:
    """``src``, and ``width`` and ``height`` in pixels or None, of a figure."""
    if image.lstrip().startswith(("<svg", "<?xml")):
        # Shown as an image, an SVG can run no script, and its ids cannot clash with the page's.
        code = base64.b64encode(image.encode("utf-8")).decode("ascii")
        image = f"data:image/svg+xml;base64,{code}"
    if not _URI.fullmatch(image):
        raise ValueError(
            f"figures: {name!r} starts with {image[:30]!r}; a base64 data:image/ URI or an SVG is "
            "allowed"
        )
    width, height = _png_size(name, image) if image.startswith(_PNG) else (None, None)
    return {"src": image, "width": width, "height": height}


def _png_size(name: str, uri: str) -> tuple[int, int]:
    """Width and height from the header chunk, which is the first 24 bytes of every PNG."""
    try:
        head = base64.b64decode(uri[len(_PNG) :][:32])
        if not head.startswith(b"\x89PNG\r\n\x1a\n"):
            raise ValueError("no PNG signature")
        return struct.unpack(">II", head[16:24])
    except (struct.error, binascii.Error, ValueError) as error:
        raise ValueError(f"figures: {name!r} is not a PNG ({error})") from error
